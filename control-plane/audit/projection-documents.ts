import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Projection } from '#core/evidence/exchange/project.ts';
import { type Exchange, ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus, SessionCertainty, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Decision } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { ExchangeDocument } from '../storage/record/exchanges.ts';
import type { SessionChange } from '../storage/record/sessions.ts';

/** Texts longer than this are cut in the fields that queries use; the view has them whole. */
const MAX_INDEXED_LENGTH = 512;

/** The route that traces come by. */
const TRACES_ROUTE = 'traces.ingest';

/** A projection as it is stored. */
export function toDocument(projection: Projection): ExchangeDocument {
  const { exchange, sources } = projection;
  const { caller, decision, outcome } = exchange;
  return {
    _id: exchange.name,
    session: exchange.session,
    sessions: [exchange.session],
    isInferred: exchange.sessionCertainty === SessionCertainty.INFERRED,
    plane: exchange.plane,
    ...indexCaller(caller),
    route: indexed(exchange.route),
    model: indexed(exchange.model),
    policy: indexed(decision?.policy),
    entities: entitiesOf(exchange),
    ...(isDifferent(exchange) ? { differs: true } : {}),
    ...(exchange.breakGlass ? { breakGlass: true } : {}),
    status: outcome?.status ?? OutcomeStatus.UNSPECIFIED,
    startTime: exchange.startTime === undefined ? new Date(0) : timestampDate(exchange.startTime),
    ...(exchange.endTime === undefined ? {} : { endTime: timestampDate(exchange.endTime) }),
    view: toBinary(ExchangeSchema, exchange),
    sources,
  };
}

/** By what exchanges and sessions of a caller are found. */
export function indexCaller(caller: Caller | undefined) {
  return { subject: indexed(caller?.subject), email: indexed(caller?.email).toLowerCase() };
}

/** A stored exchange as a projection that further records can be added to. */
export function fromDocument(document: ExchangeDocument): Projection {
  const { base, outcome, approval } = document.sources;
  return {
    exchange: fromBinary(ExchangeSchema, document.view),
    sources: {
      base,
      ...(outcome === undefined ? {} : { outcome }),
      ...(approval === undefined ? {} : { approval }),
    },
  };
}

/** What the step of an exchange from one state to the next means for its session, or its two sessions. */
export function sessionChanges(
  before: ExchangeDocument | undefined,
  after: ExchangeDocument,
): SessionChange[] {
  const changes: SessionChange[] = [];
  const isMoved = before !== undefined && before.session !== after.session;
  if (isMoved && before.session !== '') {
    changes.push(changeOf(before, -1, -refused(before)));
  }
  if (after.session !== '') {
    const isNew = before === undefined || isMoved;
    changes.push(changeOf(after, isNew ? 1 : 0, refused(after) - (isNew ? 0 : refused(before))));
  }
  return changes;
}

function changeOf(document: ExchangeDocument, exchangeCount: number, refusedCount: number): SessionChange {
  const { caller } = fromBinary(ExchangeSchema, document.view);
  return {
    session: document.session,
    exchange: document._id,
    exchangeCount,
    refusedCount,
    models: document.model === '' ? [] : [document.model],
    caller: caller === undefined ? undefined : toBinary(CallerSchema, caller),
    subject: document.subject,
    email: document.email,
    startTime: document.startTime,
    updateTime: document.endTime ?? document.startTime,
    traces: tracesOf(document),
    sources: sourcesOf(document),
  };
}

/** An export of several traces says nothing of one session. */
function tracesOf({ route, traces = [] }: ExchangeDocument): readonly string[] {
  return route === TRACES_ROUTE && traces.length > 1 ? [] : traces;
}

function sourcesOf({ joined, view }: ExchangeDocument): SessionSource[] {
  const source = joined?.source ?? fromBinary(ExchangeSchema, view).sessionSource;
  return source === SessionSource.NEW || source === SessionSource.UNSPECIFIED ? [] : [source];
}

function refused(document: ExchangeDocument): number {
  return document.status === OutcomeStatus.REFUSED ? 1 : 0;
}

/** Policies that only observe would have had another end of it, or another request sent. */
function isDifferent({ decision, observed }: Exchange): boolean {
  if (observed === undefined) return false;
  const changes = (of: Decision | undefined) =>
    JSON.stringify(of?.changes.map(({ parameter, change }) => [parameter, change]));
  return decision?.action !== observed.action || changes(decision) !== changes(observed);
}

function entitiesOf({ promptFindings, responseFindings }: Exchange): string[] {
  return [...new Set([...Object.keys(promptFindings), ...Object.keys(responseFindings)])].sort();
}

function indexed(text: string | undefined): string {
  return (text ?? '').slice(0, MAX_INDEXED_LENGTH);
}
