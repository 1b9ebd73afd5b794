import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { describeError } from '../../program/log.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { findTrust, type Trust } from '../storage/configuration/planes.ts';

/** A plane has three streams; a restarted one may be here before its old connections are known to be dead. */
const MAX_STREAMS_PER_PLANE = 9;

/** A stream that a plane holds open. */
export interface Connection {
  /** Aborted, with the ConnectError to end the stream with, when the plane may no longer have it. */
  readonly signal: AbortSignal;
  close(): void;
}

/** The streams that planes hold open on this replica. */
export interface Connections {
  open(plane: string): Connection;
  /** Ends the streams of planes that are no longer trusted. Never throws; while the store is down nothing ends. */
  sweep(): Promise<void>;
}

/** No streams yet; call `sweep` at each hint that something has changed. */
export function createConnections(context: Context): Connections {
  const controllers = new Map<string, Set<AbortController>>();

  const look = async (names: readonly string[]): Promise<void> => {
    if (names.length === 0) return;
    try {
      for (const [name, trust] of await findTrust(context.database, names)) {
        if (trust === 'trusted') continue;
        for (const controller of controllers.get(name) ?? []) controller.abort(endOf(name, trust));
      }
    } catch (error) {
      context.logger.warn(describeError(error), 'planes cannot be looked up');
    }
  };

  return {
    sweep: () => look([...controllers.keys()]),
    open(plane) {
      const controller = new AbortController();
      const streams = controllers.get(plane) ?? new Set();
      controllers.set(plane, streams.add(controller));
      const [oldest] = streams;
      if (streams.size > MAX_STREAMS_PER_PLANE && oldest !== undefined) {
        streams.delete(oldest);
        oldest.abort(fail(Reason.DRAINING, 'a newer stream of this plane took the place of this one'));
      }
      // It may have been revoked between its authentication and now.
      void look([plane]);
      return {
        signal: controller.signal,
        close: () => {
          streams.delete(controller);
          if (streams.size === 0 && controllers.get(plane) === streams) controllers.delete(plane);
        },
      };
    },
  };
}

/** A plane that is revoked drops what it has; one of which the store was altered keeps it for as long as it may. */
function endOf(plane: string, trust: Trust) {
  return trust === 'altered'
    ? fail(Reason.CONTENT_ALTERED, 'what the store has of the plane was altered', { resource: plane })
    : fail(Reason.PLANE_REVOKED, 'the plane is revoked', { plane });
}
