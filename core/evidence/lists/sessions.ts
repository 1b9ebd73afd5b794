import type { Exchange, Session } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import type { FaultList } from '../verify/fault.ts';

interface Counts {
  readonly exchanges: number;
  readonly refused: number;
}

const NONE: Counts = { exchanges: 0, refused: 0 };

/**
 * Compares the list of sessions with that of exchanges, which is compared with the records. Sessions that changed between
 * two readings are not compared: the exchanges were read between them.
 */
export class SessionListCheck {
  readonly #before = new Map<string, Counts>();
  readonly #counted = new Map<string, Counts>();

  /** Takes a session of the list, before the exchanges. */
  addListed(session: Session): void {
    this.#before.set(session.name, countsOf(session));
  }

  /** Takes an exchange of the list. */
  addExchange({ session, outcome }: Exchange): void {
    if (session === '') return;
    const { exchanges, refused } = this.#counted.get(session) ?? NONE;
    const isRefused = outcome?.status === OutcomeStatus.REFUSED;
    this.#counted.set(session, { exchanges: exchanges + 1, refused: refused + (isRefused ? 1 : 0) });
  }

  /** Compares, with the list as it is after the exchanges. */
  finish(after: Iterable<Session>, faults: FaultList): void {
    const later = new Map(Array.from(after, (session) => [session.name, countsOf(session)]));
    for (const name of new Set([...this.#before.keys(), ...this.#counted.keys()])) {
      const [before, now] = [this.#before.get(name) ?? NONE, later.get(name) ?? NONE];
      const counted = this.#counted.get(name) ?? NONE;
      if (!isSame(before, now) || isSame(counted, now)) continue;
      const message = `${name} is listed with ${say(now)}, and has ${say(counted)}`;
      faults.add('list_contradicted', message);
    }
  }
}

function countsOf({ exchangeCount, refusedCount }: Session): Counts {
  return { exchanges: exchangeCount, refused: refusedCount };
}

function isSame(one: Counts, other: Counts): boolean {
  return one.exchanges === other.exchanges && one.refused === other.refused;
}

function say({ exchanges, refused }: Counts): string {
  return `${exchanges} exchanges, ${refused} of them refused`;
}
