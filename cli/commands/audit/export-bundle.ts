import { create, equals } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { encodeBase64 } from '#core/evidence/base64.ts';
import type { BundleCounts } from '#core/evidence/bundle/line.ts';
import type { EvidenceItem } from '#core/evidence/verify/item.ts';
import { type ExchangeFilter, ExchangeFilterSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatusSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { required } from '../../connect/required.ts';
import { formatBundle } from '../../evidence/bundle.ts';
import { readEvidence } from '../../evidence/read.ts';
import { writeWhole } from '../../evidence/write-whole.ts';
import type { Invocation } from '../../invocation.ts';
import { enumWord } from '../../output/names.ts';
import { createProgress } from '../../output/progress.ts';
import { type FilterOptions, readFilter } from './filter.ts';

/** Writes a bundle: the whole log, or what the filter takes. */
export async function exportBundle(
  invocation: Invocation,
  path: string,
  options: FilterOptions & { readonly payloads: boolean; readonly force: boolean },
): Promise<void> {
  let counts: BundleCounts | undefined;
  // Asked for only when the file is open: that evidence is exported goes on record.
  async function* lines(): AsyncGenerator<string> {
    const filter = await readFilter(invocation, options);
    const complete = equals(ExchangeFilterSchema, filter, create(ExchangeFilterSchema));
    const request = { includePayloads: options.payloads, ...(complete ? {} : { filter }) };
    const { begin, size, items } = await readEvidence(invocation, request, {
      hasTiles: complete,
      isWhole: false,
    });
    const head = {
      origin: begin.origin,
      logKey: begin.logKey,
      createTime: timestampDate(required(begin.time, 'time')).toISOString(),
      filter: describe(filter),
      complete,
      payloads: options.payloads,
      receiptKey: encodeBase64(begin.receiptKey),
      checkpoint: begin.checkpoint,
    };
    yield* formatBundle(head, withProgress(items, size), (all) => {
      counts = all;
    });
  }
  await writeWhole(path, lines(), options);
  const { records = 0, payloads = 0 } = counts ?? {};
  if (records === 0) {
    const hint = "'sworn audit sessions --named NAME' finds a session by the name that it was given";
    invocation.output.note(`nothing matches; ${hint}`);
  }
  invocation.output.note(`${records} records, ${payloads} payloads in ${path}`);
}

async function* withProgress(items: AsyncIterable<EvidenceItem>, size: number): AsyncGenerator<EvidenceItem> {
  const progress = createProgress('exporting', size);
  try {
    for await (const item of items) {
      if (item.kind === 'record') progress.at(item.index);
      yield item;
    }
  } finally {
    progress.end();
  }
}

function describe(filter: ExchangeFilter): Record<string, string> {
  const { session, caller, since, until, status, policy, entity, trace, differs, breakGlass } = filter;
  const fields = {
    session,
    caller,
    since: since === undefined ? '' : timestampDate(since).toISOString(),
    until: until === undefined ? '' : timestampDate(until).toISOString(),
    status: status === 0 ? '' : enumWord(OutcomeStatusSchema, status),
    policy,
    entity,
    trace,
    differs: differs ? 'true' : '',
    breakGlass: breakGlass ? 'true' : '',
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
