import { once } from 'node:events';
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect';
import {
  type Health as HealthService,
  HealthCheckResponse_ServingStatus as Status,
} from '#proto/grpc/health/v1/health_pb.ts';
import type { Health } from '../health.ts';

/** Anybody may watch: whoever comes beyond so many is refused, and may check instead. */
const MAX_WATCHES = 256;

/**
 * The health checking protocol of gRPC; every service has the state of the whole.
 * https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 *
 * @param serviceNames Full names of the services served here.
 */
export function createHealthService(
  health: Health,
  serviceNames: ReadonlySet<string>,
): ServiceImpl<typeof HealthService> {
  const statusOf = (service: string): Status | undefined => {
    if (service !== '' && !serviceNames.has(service)) return undefined;
    return health.isReady ? Status.SERVING : Status.NOT_SERVING;
  };
  let watches = 0;
  return {
    check({ service }) {
      const status = statusOf(service);
      if (status === undefined) throw new ConnectError('there is no such service here', Code.NotFound);
      return { status };
    },
    async *watch({ service }, call) {
      if (call.signal.aborted) return;
      if (watches >= MAX_WATCHES) {
        throw new ConnectError('too many watch here: check instead', Code.ResourceExhausted);
      }
      watches += 1;
      // Connect aborts it at the end of every call.
      const leave = (): void => {
        watches -= 1;
      };
      call.signal.addEventListener('abort', leave, { once: true });
      const changes = new EventTarget();
      health.onChange(() => changes.dispatchEvent(new Event('change')), call.signal);
      let last: Status | undefined;
      while (!call.signal.aborted) {
        const status = statusOf(service) ?? Status.SERVICE_UNKNOWN;
        if (status !== last) yield { status };
        last = status;
        // A change while the last one was being sent is seen here, not lost.
        if ((statusOf(service) ?? Status.SERVICE_UNKNOWN) !== last) continue;
        await once(changes, 'change', { signal: call.signal }).catch(() => undefined);
      }
    },
  };
}
