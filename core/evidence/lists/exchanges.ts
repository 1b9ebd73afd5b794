import { create, toBinary } from '@bufbuild/protobuf';
import { type Exchange, ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { type Record, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { encodeBase64 } from '../base64.ts';
import { type Projection, projectRecord } from '../exchange/project.ts';
import { isPlane } from '../verify/chain.ts';
import { sha256 } from '../verify/digest.ts';
import type { FaultList, RecordPlace } from '../verify/fault.ts';

/**
 * What an exchange is made of: who asked what, how it ended, by whose approval, whether its content is gone, and whether the
 * external detector was missing.
 */
const PARTS = ['base', 'session', 'outcome', 'approval', 'erasure', 'detector'] as const;
type Part = (typeof PARTS)[number];
/** A digest or the text of each part; empty where there is none. */
type Marks = Readonly<{ [part in Part]: string }>;

interface Listed {
  readonly plane: string;
  readonly marks: Marks;
}

interface Recorded {
  readonly sources: Projection['sources'];
  readonly marks: Marks;
  /** Of the record that says who asked what. */
  readonly place: RecordPlace;
}

const NONE: Marks = { base: '', session: '', outcome: '', approval: '', erasure: '', detector: '' };
const EXCHANGE_KINDS: readonly RecordKind[] = [
  RecordKind.INTENT,
  RecordKind.OUTCOME,
  RecordKind.REFUSAL,
  RecordKind.APPROVAL,
];

/**
 * Compares the list of exchanges with the records that it was calculated from. The list goes on while records are read, so it
 * is taken twice: what it said before must be in the records, and what the records say must be in it afterwards. Holds a few
 * digests for each exchange.
 */
export class ExchangeListCheck {
  readonly #before = new Map<string, Listed>();
  /** By exchange and plane: of two that claim it, only the control plane knew whose records came first. */
  readonly #recorded = new Map<string, Map<string, Recorded>>();
  readonly #erased = new Set<string>();
  /** What lists find exchanges by, and these do not say. */
  readonly #misfiled = new Map<string, string>();

  /** Takes an exchange of the list, before any record. */
  addListed(exchange: Exchange): void {
    this.#before.set(exchange.name, { plane: exchange.plane, marks: marksOf(exchange) });
    if (exchange.misfiled.length > 0) this.#misfiled.set(exchange.name, exchange.misfiled.join(', '));
  }

  /** Takes a record of the log. */
  addRecord(record: Record, place: RecordPlace): void {
    const { exchange: name, kind, plane } = record;
    if (kind === RecordKind.ACTION && record.action === 'exchange.erase' && !isPlane(plane)) {
      this.#erased.add(name === '' ? record.resource : name);
    }
    if (name === '' || !isPlane(plane) || !EXCHANGE_KINDS.includes(kind)) return;
    const claims = this.#recorded.get(name) ?? new Map<string, Recorded>();
    const before = claims.get(plane);
    const known = before && {
      exchange: create(ExchangeSchema, { name, plane }),
      sources: before.sources,
    };
    const next = projectRecord(known, record, '');
    if (next === undefined) return;
    const { sources } = next;
    const all = marksOf(next.exchange);
    const isNew = (part: 'base' | 'outcome' | 'approval') => sources[part] !== before?.sources[part];
    const marks = {
      base: isNew('base') ? all.base : (before?.marks.base ?? ''),
      session: isNew('base') ? all.session : (before?.marks.session ?? ''),
      outcome: isNew('outcome') ? all.outcome : (before?.marks.outcome ?? ''),
      approval: isNew('approval') ? all.approval : (before?.marks.approval ?? ''),
      erasure: '',
      // One record of several that says so is enough.
      detector: all.detector === '' ? (before?.marks.detector ?? '') : all.detector,
    };
    this.#recorded.set(name, claims);
    claims.set(plane, {
      sources,
      marks,
      place: isNew('base') ? place : (before?.place ?? place),
    });
  }

  /** Names of exchanges that the list did not have as the records have them, to be looked at again. */
  open(): Set<string> {
    const names = new Set<string>();
    for (const name of new Set([...this.#recorded.keys(), ...this.#before.keys()])) {
      if (this.#differing(name, this.#before.get(name)).length > 0) names.add(name);
    }
    return names;
  }

  /**
   * Says what is wrong.
   * @param open as `open` gave them
   * @param after those of them that are listed after the records were read
   */
  finish(open: ReadonlySet<string>, after: ReadonlyMap<string, Exchange>, faults: FaultList): void {
    const fault = (message: string, place: RecordPlace) => faults.add('list_contradicted', message, place);
    for (const [name, what] of this.#misfiled) {
      fault(`${name} is found by another ${what}`, this.#claimOf(name, this.#before.get(name))?.place ?? {});
    }
    for (const name of open) {
      const [before, listed] = [this.#before.get(name), after.get(name)];
      const now = listed && { plane: listed.plane, marks: marksOf(listed) };
      const recorded = this.#claimOf(name, now);
      const place = recorded?.place ?? {};
      if (now === undefined) {
        if (recorded !== undefined) fault(`${name} is in no list`, place);
        else if (before !== undefined) fault(`${name} was listed, and no record is of it`, place);
        continue;
      }
      const wrong = this.#differing(name, now).filter(
        (part) =>
          now.marks[part] === (before?.marks ?? NONE)[part] ||
          isFinal(recorded, part) ||
          this.#isErased(name, part),
      );
      if (wrong.length > 0) fault(`${name} is listed with another ${wrong.join(', ')}`, place);
    }
  }

  /** What the records of the plane that is listed say; where none is, those of any. */
  #claimOf(name: string, listed: Listed | undefined): Recorded | undefined {
    const claims = this.#recorded.get(name);
    if (claims === undefined) return undefined;
    return listed === undefined ? claims.values().next().value : claims.get(listed.plane);
  }

  #differing(name: string, now: Listed | undefined): Part[] {
    const listed = now?.marks ?? NONE;
    const marks = this.#claimOf(name, now)?.marks ?? NONE;
    const recorded = { ...marks, erasure: this.#erased.has(name) ? 'erased' : '' };
    return PARTS.filter((part) => listed[part] !== recorded[part]);
  }

  #isErased(name: string, part: Part): boolean {
    return part === 'erasure' && this.#erased.has(name);
  }
}

/** Whether no record that is still to come could say it better. */
function isFinal(recorded: Recorded | undefined, part: Part): boolean {
  if (recorded === undefined || part === 'erasure') return false;
  if (part === 'detector') return recorded.marks.detector !== '';
  return recorded.sources[part === 'session' ? 'base' : part]?.rank === 0;
}

/** The session is the recorded one: what an exchange is joined to, the records of others say as well (joins.ts). */
function marksOf(exchange: Exchange): Marks {
  const { name, session, recordedSession, caller, route, model, stream, startTime, plane } = exchange;
  const { policyRevision, decision, promptFindings, promptOpaque, approval, erasure } = exchange;
  const { observed, tokenized, breakGlass, grant } = exchange;
  const { endTime, responseFindings, responseOpaque, usage, costMicros, outcome, restored } = exchange;
  const { upstream, upstreamAttempts, upstreamRequestId, upstreamModel } = exchange;
  const base = {
    ...{ name, plane },
    ...{ caller, route, model, stream, startTime, policyRevision, decision, promptFindings, promptOpaque },
    ...{ observed, tokenized, breakGlass, grant },
  };
  const end = {
    ...{ endTime, responseFindings, responseOpaque, usage, costMicros, outcome, restored },
    ...{ upstream, upstreamAttempts, upstreamRequestId, upstreamModel },
  };
  const hasEnd = outcome !== undefined || endTime !== undefined;
  return {
    base: digestOf(base),
    session: recordedSession === '' ? session : recordedSession,
    outcome: hasEnd ? digestOf(end) : '',
    approval,
    erasure: erasure === undefined ? '' : 'erased',
    detector: exchange.externalDetectorMissing ? 'missing' : '',
  };
}

function digestOf(fields: Parameters<typeof create<typeof ExchangeSchema>>[1]): string {
  return encodeBase64(sha256(toBinary(ExchangeSchema, create(ExchangeSchema, fields))));
}
