import type { HoldTimes } from './approval/hold.ts';
import type { Authentication } from './authenticate/request.ts';
import type { ByteBudget } from './budget/budget.ts';
import type { Control } from './control/control.ts';
import type { ExternalDetector } from './detector/external.ts';
import type { KnownTexts } from './detector/known-texts.ts';
import type { SessionFinder } from './inspect/session.ts';
import type { Contexts } from './limit/contexts.ts';
import type { Ledger } from './limit/ledger.ts';
import type { BodyLimits } from './listener/body.ts';
import type { MaskSessions } from './mask/sessions.ts';
import type { TokenSessions } from './mask/token-sessions.ts';
import type { PlanePlace } from './policy/circumstances.ts';
import type { SessionTally } from './policy/session-tally.ts';
import type { Upstreams } from './upstream/call.ts';

/** The parts that the stages work with. */
export interface Parts {
  readonly control: Control;
  readonly authentication: Authentication;
  /** Looks at every text as well. */
  readonly external: ExternalDetector | undefined;
  /** Of prompts. */
  readonly knownTexts: KnownTexts;
  readonly sessions: SessionFinder;
  readonly maskSessions: MaskSessions;
  readonly tokenSessions: TokenSessions;
  readonly sessionTally: SessionTally;
  /** What limits count. */
  readonly ledger: Ledger;
  /** What they count for what a prompt goes on from. */
  readonly contexts: Contexts;
  /** Where this plane is, for conditions. */
  readonly place: PlanePlace;
  readonly upstreams: Upstreams;
  readonly bodyLimits: BodyLimits;
  /** Of what is under way. */
  readonly budget: ByteBudget;
  readonly holdTimes: HoldTimes;
}
