import type { ClientSession } from 'mongodb';

/** Transactions that are remembered of a writer; each goes on from one that was committed just before. */
const MAX_REMEMBERED = 256;

/** One epoch of one writer. */
interface Writer {
  readonly plane: string;
  readonly epoch: bigint;
}

/** The record that it ends with; of none, seq 0. */
interface End {
  readonly seq: bigint;
  readonly digest: Uint8Array;
}

/** Records that this process has stored, and that are not there as it stored them. */
export interface Damage extends Writer {
  readonly first: bigint;
  readonly last: bigint;
  readonly what: 'missing' | 'altered';
}

/**
 * How far this process itself has stored records, outside the database. Until a checkpoint covers them nothing is signed of
 * records of the control plane: who writes to the database could take the last ones back, or put others in their place.
 */
export interface OwnRecords {
  /** A transaction begins, or begins again: nothing was stored in it. */
  begin(session: ClientSession): void;
  /** Notes that a writer goes on from one record to another. It counts once the transaction is committed. */
  note(session: ClientSession, writer: Writer, from: End, to: End): void;
  /** The transaction is committed. */
  keep(session: ClientSession): void;
  /** How far a writer has come for certain; 0 where nothing was stored. */
  reached(writer: Writer): bigint;
  /** Compares what a transaction that is committed has read, with how far it must at least have come. */
  compare(writer: Writer, head: End, atLeast: bigint): void;
  /** What was found since it was taken last. */
  take(): Damage[];
}

/** Of one writer. */
interface Known {
  /** Digests by seq that a transaction of ours would have made the last one, whether it was committed or not. */
  readonly offered: Map<bigint, Set<string>>;
  /** The seqs of each transaction that was committed: after the first, up to the second. */
  ranges: (readonly [bigint, bigint])[];
}

interface Step {
  readonly writer: Writer;
  readonly from: End;
  readonly to: End;
}

/** Nothing was stored yet. */
export function createOwnRecords(): OwnRecords {
  const writers = new Map<string, Known>();
  const under = new WeakMap<ClientSession, Step[]>();
  let found: Damage[] = [];

  const knownOf = ({ plane, epoch }: Writer): Known => {
    const name = `${plane} ${epoch}`;
    const known = writers.get(name) ?? { offered: new Map(), ranges: [] };
    writers.set(name, known);
    return known;
  };
  const isOurs = ({ offered }: Known, { seq, digest }: End): boolean =>
    seq === 0n || offered.get(seq)?.has(textOf(digest)) === true;
  const damaged = (writer: Writer, known: Known, head: End, what: Damage['what']): void => {
    const last = lastOf(known);
    const [first, upTo] = what === 'missing' ? [head.seq + 1n, last] : [head.seq, head.seq];
    found.push({ plane: writer.plane, epoch: writer.epoch, first, last: upTo, what });
    // Told once: from here on what is there counts.
    known.ranges = [[0n, head.seq]];
    offer(known, head);
  };

  return {
    begin: (session) => void under.set(session, []),
    note(session, writer, from, to) {
      offer(knownOf(writer), to);
      under.get(session)?.push({ writer, from, to });
    },
    keep(session) {
      for (const { writer, from, to } of under.get(session) ?? []) {
        const known = knownOf(writer);
        // In whatever order it is heard of two of them, each has seqs of its own.
        if (known.ranges.some(([after, last]) => after < to.seq && from.seq < last)) {
          damaged(writer, known, from, 'missing');
        } else if (!isOurs(known, from)) damaged(writer, known, from, 'altered');
        known.ranges = [...known.ranges.slice(1 - MAX_REMEMBERED), [from.seq, to.seq]];
      }
      under.delete(session);
    },
    reached: (writer) => lastOf(knownOf(writer)),
    compare(writer, head, atLeast) {
      const known = knownOf(writer);
      if (head.seq < atLeast) damaged(writer, known, head, 'missing');
      else if (!isOurs(known, head)) damaged(writer, known, head, 'altered');
    },
    take() {
      const taken = found;
      found = [];
      return taken;
    },
  };
}

function offer({ offered }: Known, { seq, digest }: End): void {
  const digests = offered.get(seq) ?? new Set();
  offered.set(seq, digests.add(textOf(digest)));
  if (offered.size > MAX_REMEMBERED) offered.delete(offered.keys().next().value ?? 0n);
}

function lastOf({ ranges }: Known): bigint {
  let most = 0n;
  for (const [, last] of ranges) if (last > most) most = last;
  return most;
}

function textOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('base64');
}
