import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { dataPlaneSettings } from '../../cli/commands/dev/settings.ts';
import type { DataPlaneSettings } from '../../data-plane/config/settings.ts';
import { type DataPlane, startDataPlane } from '../../data-plane/start.ts';
import type { Env } from './env.ts';

/** Starts one more plane of a stack, in a directory of its own which goes when it closes. */
export async function startPlane(env: Env, settings: Partial<DataPlaneSettings> = {}): Promise<DataPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'sworn-plane-'));
  const { joinToken } = await env.api(PlaneService, 'admin').createJoinToken({ displayName: 'another' });
  const defaults = dataPlaneSettings(directory, env.stack.controlPlaneUrl, 0, joinToken);
  const logger = pino({ level: process.env['SWORN_LOG_LEVEL'] ?? 'silent' }, pino.destination(2));
  const plane = await startDataPlane({ ...defaults, ...settings }, { logger });
  return {
    ...plane,
    close: async () => {
      await plane.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
