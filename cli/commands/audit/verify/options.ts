import type { GlobalOptions } from '../../../invocation.ts';

/** As typed. */
export interface VerifyCommandOptions extends GlobalOptions {
  readonly bundle?: string;
  readonly logKey?: string;
  readonly witness?: readonly string[];
  readonly evidenceKey?: readonly string[];
  readonly checkpoint?: readonly string[];
  /** False for `--no-payloads`. */
  readonly payloads: boolean;
}
