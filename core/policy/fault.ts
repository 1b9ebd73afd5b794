/** One thing that is wrong with a policy, and where. */
export interface PolicyFault {
  /** The policy's resource name, or `document 2` where it has none. */
  readonly document: string;
  /** The field: `spec.rules[0].when`. Empty when it is about the whole document. */
  readonly path: string;
  /** In the YAML text, from 1; absent when the policy did not come from YAML. */
  readonly line?: number;
  /** In the YAML text, from 1. */
  readonly column?: number;
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

/** Policies that do not parse or do not compile. `faults` has all that is wrong, never only the first. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly faults: readonly PolicyFault[];

  constructor(faults: readonly PolicyFault[]) {
    super(faults.map(describeFault).join('\n'));
    this.faults = faults;
  }
}

/** One line for a person: `policies/a 3:11 spec.rules[0].when: unknown name "foo"`. */
function describeFault(fault: PolicyFault): string {
  const position = fault.line === undefined ? '' : ` ${fault.line}:${fault.column ?? 1}`;
  const path = fault.path === '' ? '' : ` ${fault.path}`;
  return `${fault.document}${position}${path}: ${fault.message}`;
}

/** A fault before it is known where it stands in a text. */
export interface RawFault {
  readonly path: string;
  /** Where in the field's value, in UTF-16 units. */
  readonly offset?: number;
  readonly message: string;
}
