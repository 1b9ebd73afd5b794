import type { Context } from '../context.ts';
import { type Connections, createConnections } from '../enrollment/connections.ts';
import { HEADS_COLLECTION } from '../storage/configuration/heads.ts';
import { watchCollection } from '../storage/watch.ts';
import { createPublisher, type Publisher } from './publish.ts';

/** What this replica distributes to planes. */
export interface Distribution {
  readonly publisher: Publisher;
  readonly connections: Connections;
}

/**
 * Starts to follow the head: at each change the newest snapshot goes out and revoked planes are cut off.
 * @param onChange is called then as well, and every few seconds
 */
export function startDistribution(context: Context, onChange: () => void): Distribution {
  const publisher = createPublisher(context);
  const connections = createConnections(context);
  const onHint = (): void => {
    publisher.refresh();
    void connections.sweep();
    onChange();
  };
  watchCollection(context.database, HEADS_COLLECTION, onHint, context.shutdown);
  return { publisher, connections };
}
