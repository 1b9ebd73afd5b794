import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Exchange, Session } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { FaultList } from '../verify/fault.ts';

/** What is listed of a session. */
interface Listed {
  readonly exchanges: number;
  readonly refused: number;
  readonly caller: string;
  /** In ms since 1970; 0 where there is none. */
  readonly startMs: number;
  readonly updateMs: number;
  /** What the list finds it by, and it does not say. */
  readonly misfiled: string;
}

/** What its exchanges come to. */
interface Counted {
  readonly exchanges: number;
  readonly refused: number;
  readonly callers: ReadonlySet<string>;
  /** Of the first that began. */
  readonly startMs: number;
  /** Of the last that began or ended. */
  readonly updateMs: number;
}

const NONE: Counted = {
  exchanges: 0,
  refused: 0,
  callers: new Set(),
  startMs: Number.POSITIVE_INFINITY,
  updateMs: 0,
};

/**
 * Compares the list of sessions with that of exchanges, which is compared with the records. Sessions that changed between
 * two readings are not compared: the exchanges were read between them.
 */
export class SessionListCheck {
  readonly #before = new Map<string, Listed>();
  readonly #after = new Map<string, Listed>();
  readonly #counted = new Map<string, Counted>();

  /** Takes a session of the list, before the exchanges. */
  addListed(session: Session): void {
    this.#before.set(session.name, toListed(session));
  }

  /** Takes an exchange of the list. */
  addExchange({ session, outcome, caller, startTime, endTime }: Exchange): void {
    if (session === '') return;
    const before = this.#counted.get(session) ?? NONE;
    const [isRefused, startMs] = [outcome?.status === OutcomeStatus.REFUSED, msOf(startTime)];
    const who = nameOf(caller);
    this.#counted.set(session, {
      exchanges: before.exchanges + 1,
      refused: before.refused + (isRefused ? 1 : 0),
      callers: before.callers.has(who) ? before.callers : new Set([...before.callers, who]),
      startMs: Math.min(before.startMs, startMs),
      updateMs: Math.max(before.updateMs, startMs, msOf(endTime)),
    });
  }

  /** Takes a session of the list as it is after the exchanges. */
  addListedAgain(session: Session): void {
    this.#after.set(session.name, toListed(session));
  }

  /** Says what is wrong. */
  finish(faults: FaultList): void {
    for (const name of new Set([...this.#before.keys(), ...this.#counted.keys()])) {
      const [before, now] = [this.#before.get(name), this.#after.get(name)];
      if (JSON.stringify(before) !== JSON.stringify(now)) continue;
      const counted = this.#counted.get(name) ?? NONE;
      if (say(now ?? NONE) !== say(counted)) {
        const message = `${name} is listed with ${say(now ?? NONE)}, and has ${say(counted)}`;
        faults.add('list_contradicted', message);
      } else if (now !== undefined) {
        const wrong = [
          ...(counted.callers.has(now.caller) ? [] : ['caller']),
          // Of an exchange whose records came in another order an earlier time was known.
          ...(now.startMs > counted.startMs ? ['start'] : []),
          ...(now.updateMs < counted.updateMs ? ['end'] : []),
        ];
        if (wrong.length > 0)
          faults.add('list_contradicted', `${name} is listed with another ${wrong.join(', ')}`);
        if (now.misfiled !== '')
          faults.add('list_contradicted', `${name} is found by another ${now.misfiled}`);
      }
    }
  }
}

function toListed(session: Session): Listed {
  const { exchangeCount, refusedCount, caller, startTime, updateTime, misfiled } = session;
  return {
    exchanges: exchangeCount,
    refused: refusedCount,
    caller: nameOf(caller),
    startMs: msOf(startTime),
    updateMs: msOf(updateTime),
    misfiled: misfiled.join(', '),
  };
}

function nameOf(caller: Caller | undefined): string {
  return caller === undefined ? '' : JSON.stringify([caller.issuer, caller.subject, caller.email]);
}

function msOf(time: Exchange['startTime']): number {
  return time === undefined ? 0 : timestampMs(time);
}

function say({ exchanges, refused }: Pick<Counted, 'exchanges' | 'refused'>): string {
  return `${exchanges} exchanges, ${refused} of them refused`;
}
