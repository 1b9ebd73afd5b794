import { type DescMessage, type JsonValue, type MessageShape, toJson } from '@bufbuild/protobuf';
import { formatJson, formatJsonLine } from './json.ts';
import { formatYaml } from './yaml.ts';

export const OUTPUT_FORMATS = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Where a command's result goes, and in which form. */
export interface Output {
  readonly format: OutputFormat;
  /** Columns of the terminal; undefined when stdout is none. */
  readonly width: number | undefined;
  readonly color: boolean;
  /** Writes to stdout; resolves when the reader can take more. */
  write(text: string): Promise<void>;
  /** A line for people on stderr; never part of the result. */
  note(text: string): void;
}

/** Makes the output on this process's streams. `NO_COLOR` (https://no-color.org) and pipes turn colour off. */
export function createOutput(format: OutputFormat, env: NodeJS.ProcessEnv): Output {
  const { stdout, stderr } = process;
  return {
    format,
    width: stdout.isTTY ? stdout.columns : undefined,
    color: stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    write: (text) =>
      new Promise((resolve) => {
        stdout.write(text, () => resolve());
      }),
    note: (text) => {
      stderr.write(`${text}\n`);
    },
  };
}

/** The message as stable JSON: lowerCamelCase, fields without a value written too, bytes in base64. */
export function messageJson<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): JsonValue {
  return toJson(schema, message, { alwaysEmitImplicit: true });
}

/** Prints a result: for people as `human` renders it, otherwise the message. */
export async function printMessage<Desc extends DescMessage>(
  output: Output,
  schema: Desc,
  message: MessageShape<Desc>,
  human: () => string,
): Promise<void> {
  if (output.format === 'table') await output.write(human());
  else await printValue(output, messageJson(schema, message));
}

/** Prints a value as JSON or YAML. */
export async function printValue(output: Output, value: JsonValue): Promise<void> {
  await output.write(output.format === 'yaml' ? formatYaml(value) : formatJson(value));
}

/** Prints one of many values that arrive over time: a line of JSON, or a YAML document. */
export async function printStreamed(output: Output, value: JsonValue): Promise<void> {
  await output.write(output.format === 'yaml' ? `---\n${formatYaml(value)}` : formatJsonLine(value));
}
