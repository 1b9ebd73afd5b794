import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import type { Env } from './env.ts';

const DEADLINE_MS = 60_000;
const POLL_MS = 30;

/**
 * The exchange as an auditor reads it, once its outcome has arrived in MongoDB: planes hand records in on their own
 * time, so the record is asked for until it is whole.
 */
export async function recordOf(env: Env, id: string): Promise<Exchange> {
  const audit = env.api(AuditService, 'auditor');
  const endMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const exchange = await audit
      .getExchange({ name: `exchanges/${id}` })
      .then((answer) => answer.exchange)
      .catch((error: unknown) => {
        if (performance.now() > endMs) throw error;
        return undefined;
      });
    if (exchange?.outcome !== undefined) return exchange;
    if (performance.now() > endMs) throw new Error(`exchange ${id} has no outcome`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** So many exchanges of a session that the application named, oldest first, once they are whole. */
export async function sessionRecords(env: Env, session: string, count: number): Promise<Exchange[]> {
  const audit = env.api(AuditService, 'auditor');
  const endMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const { exchanges } = await audit.listExchanges({});
    const found = exchanges.filter(
      ({ session: name, outcome }) => name.startsWith(`sessions/${session}-`) && outcome !== undefined,
    );
    if (found.length === count) {
      return Promise.all(found.toReversed().map(({ name }) => recordOf(env, name.replace('exchanges/', ''))));
    }
    if (performance.now() > endMs) throw new Error(`${session} has ${found.length} exchanges, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The prompt's exact text. */
export function promptText(exchange: Exchange): string {
  return Buffer.from(exchange.prompt?.body ?? []).toString('utf8');
}

/** All that was delivered, as text. */
export function deliveredText(exchange: Exchange): string {
  return Buffer.concat(exchange.delivery?.frames.map(({ data }) => data) ?? []).toString('utf8');
}
