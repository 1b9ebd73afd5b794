import type { Import, Source } from './imports.ts';

/** A rule of the design: what is wrong with a file, in words that say what to do; empty when nothing is. */
export type Rule = (source: Source) => string[];

const MAX_LINES = 300;
/** The cases of one subject stand together. */
const MAX_TEST_LINES = 400;

/** The folders of the product, and into which of them each may import. The order is that of the design. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'proto/gen': ['proto/gen'],
  core: ['core', 'proto/gen'],
  program: ['program', 'core', 'proto/gen'],
  oidc: ['oidc', 'core', 'proto/gen'],
  'control-plane': ['control-plane', 'program', 'oidc', 'core', 'proto/gen'],
  'control-plane/storage': ['control-plane/storage', 'program', 'core', 'proto/gen'],
  'data-plane': ['data-plane', 'program', 'oidc', 'core', 'proto/gen'],
  witness: ['witness', 'program', 'core', 'proto/gen'],
  cli: ['cli', 'program', 'core', 'proto/gen'],
  'cli/commands/dev': ['cli', 'program', 'core', 'proto/gen', 'control-plane', 'data-plane'],
};

/** Folders of code that is not the product: it may import any of it, and no product code may import it. */
const BESIDE_THE_PRODUCT = ['proto', 'bin', 'test', 'bench', 'examples'];

/** Files at the root: what any layer may read, and what tools want there. */
const ROOT_FILES = new Set(['package.json', 'vitest.config.ts']);

/** Packages with one home. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-kms': ['control-plane/evidence-key'],
  mongodb: ['control-plane/storage'],
  'mongodb-memory-server-core': ['control-plane/storage'],
  undici: ['data-plane/upstream', 'control-plane/notification'],
  nodemailer: ['control-plane/notification'],
  standardwebhooks: ['control-plane/notification'],
  'openid-client': ['cli/auth', 'data-plane/upstream'],
  ws: ['data-plane/websocket', 'data-plane/upstream'],
  'oidc-provider': ['cli/commands/dev'],
};

/** Packages that only calculate. */
const PURE_PACKAGES = new Set([
  '@bufbuild/cel',
  '@bufbuild/protobuf',
  '@bufbuild/protovalidate',
  // Draws the one-time key pairs of the JWE that it makes, and nothing else.
  'jose',
  'yaml',
]);

/** What core may take from Node: calculations. Everything else is an effect, or brings its own randomness. */
const PURE_NODE: Readonly<Record<string, readonly string[]>> = {
  'node:buffer': ['Buffer'],
  'node:crypto': [
    'createHash',
    'createHmac',
    'hash',
    'timingSafeEqual',
    'createPublicKey',
    'createSecretKey',
    'createCipheriv',
    'createDecipheriv',
    'sign',
    'verify',
    'Hash',
    'Hmac',
    'KeyObject',
  ],
  'node:zlib': ['crc32', 'deflateRawSync', 'inflateRawSync', 'ZlibOptions'],
};

/** Code that no layer knows would be held to nothing. */
export const knownFolder: Rule = ({ path }) => {
  if (ROOT_FILES.has(path) || isIn(path, [...Object.keys(LAYERS), ...BESIDE_THE_PRODUCT])) return [];
  const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : '.';
  return [`no rule holds for code in ${folder}/: give it a place in the layers`];
};

/**
 * Imports run one way: proto/gen <- core <- {program, oidc}; program <- {control-plane, data-plane, witness, cli};
 * oidc <- {control-plane, data-plane}; control-plane/storage <- the rest of the control plane. The planes, the witness and the
 * command line never import each other.
 */
export const oneWay: Rule = (source) => {
  const layer = layerOf(source.path);
  const allowed = LAYERS[layer ?? ''];
  if (allowed === undefined) return [];
  return source.imports
    .filter(({ kind, target }) => kind === 'file' && !ROOT_FILES.has(target) && !isIn(target, allowed))
    .map(({ target }) => `${layer} may not import ${target}`);
};

/** An import that is computed cannot be held to any rule. */
export const noComputedImport: Rule = (source) =>
  inProduct(source) && source.imports.some(({ kind }) => kind === 'computed')
    ? ['import() takes a literal here']
    : [];

/** Some packages have one home, so that what they bring stays replaceable and guarded. */
export const packageHomes: Rule = (source) =>
  inProduct(source)
    ? source.imports.flatMap(({ kind, target }) => {
        const homes = kind === 'package' ? HOMES[target] : undefined;
        return homes === undefined || isIn(source.path, homes)
          ? []
          : [`${target} is imported in ${homes.join(' and ')} only`];
      })
    : [];

/** Core is meaning alone: no effects, no clock, no randomness. */
export const pureCore: Rule = (source) => {
  if (!isIn(source.path, ['core'])) return [];
  return [
    ...source.imports.flatMap(impurity).map((what) => `core may not import ${what}`),
    ...source.effects.map((effect) => `core may not use ${effect}`),
  ];
};

function impurity({ kind, target, names }: Import): string[] {
  if (kind === 'package') return PURE_PACKAGES.has(target) ? [] : [target];
  if (kind !== 'node') return [];
  const pure = PURE_NODE[target];
  if (pure === undefined || names.length === 0) return [target];
  return names.filter((name) => !pure.includes(name)).map((name) => `${name} of ${target}`);
}

/** Product code leans on `dependencies` only; development commands, tests and the like on all that is declared. */
export function declaredPackages(manifest: {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}): Rule {
  return (source) => {
    const mayDevelop = !inProduct(source) || isIn(source.path, ['cli/commands/dev']);
    return source.imports
      .filter(({ kind }) => kind === 'package')
      .filter(
        ({ target }) =>
          !Object.hasOwn(manifest.dependencies, target) &&
          !(mayDevelop && Object.hasOwn(manifest.devDependencies, target)),
      )
      .map(({ target }) => `${target} is not in package.json's dependencies`);
  };
}

/** Nobody reads a longer file to its end. */
export const shortFiles: Rule = ({ path, lines }) => {
  const most = isIn(path, ['test']) ? MAX_TEST_LINES : MAX_LINES;
  return lines > most && !isIn(path, ['proto/gen'])
    ? [`${lines} lines; split it by meaning (at most ${most})`]
    : [];
};

/** A name should be the same wherever it is used. */
export const noDefaultExport: Rule = (source) =>
  inProduct(source) && source.exports.includes('default') ? ['export by name, not by default'] : [];

/** `cli/commands/<noun>/<verb>.ts`: a command is where its name says; a noun's own is in `command.ts`. */
export const nounsAndVerbs: Rule = ({ path, exports }) => {
  const [, noun, file] = /^cli\/commands\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (noun === undefined)
    return path.startsWith('cli/commands/') ? ['belongs in the folder of its noun'] : [];
  return exports.flatMap((name) => {
    const command = /^create(\w+)Command$/.exec(name)?.[1];
    if (command === undefined) return [];
    const word = kebab(command);
    const verb = word.startsWith(`${noun}-`) ? word.slice(noun.length + 1) : word;
    const homes = word === noun ? ['command.ts'] : [`${verb}.ts`, `${verb}/command.ts`];
    return homes.includes(file ?? '') ? [] : [`${name} belongs in cli/commands/${noun}/${homes[0]}`];
  });
};

/** `JoinToken` is `join-token`. */
function kebab(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
}

function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS)
    .filter((folder) => isIn(path, [folder]))
    .sort((a, b) => b.length - a.length)[0];
}

function inProduct({ path }: Source): boolean {
  return layerOf(path) !== undefined;
}

function isIn(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
