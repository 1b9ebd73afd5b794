import { type MongoClient, MongoServerSelectionError } from 'mongodb';
import { describeConnectionFault } from '../../program/connection-fault.ts';

/**
 * Why the store does not answer, for logs: each server that was looked for, and what became of it. Of the connection string it
 * has hosts and the name of the replica set alone.
 */
export function describeOutage(error: unknown, { options }: MongoClient): string[] {
  const hosts = options.hosts.join(', ');
  if (!(error instanceof MongoServerSelectionError) || error.reason === undefined) {
    return [`${hosts}: ${describeConnectionFault(error) ?? 'no answer'}`];
  }
  const servers = [...error.reason.servers.values()];
  // The driver forgets servers that say that they belong to another one.
  if (servers.length === 0) return [`${hosts}: not of the replica set ${options.replicaSet}`];
  return servers.map((server) => {
    if (server.error === null && server.type !== 'Unknown') return `${server.address}: ${server.type}`;
    return `${server.address}: ${describeConnectionFault(server.error) ?? 'no answer'}`;
  });
}
