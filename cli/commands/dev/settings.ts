import { join } from 'node:path';
import { type Definitions, resolveSettings, type ValuesOf } from '#core/settings/settings.ts';
import {
  SETTINGS as CONTROL_PLANE,
  type ControlPlaneSettings,
} from '../../../control-plane/config/settings.ts';
import { defaultBudget } from '../../../data-plane/budget/default.ts';
import { SETTINGS as DATA_PLANE, type DataPlaneSettings } from '../../../data-plane/config/settings.ts';

const HOST = '127.0.0.1';

/** The control plane's settings in a development stack: its defaults, on loopback. */
export function controlPlaneSettings(
  directory: string,
  mongodbUri: string,
  issuer: string,
  port: number,
): ControlPlaneSettings {
  return {
    ...defaultsOf(CONTROL_PLANE, { mongodbUri: 'mongodb://replaced' }),
    listen: { host: HOST, port },
    stateDirectory: join(directory, 'control-plane'),
    mongodbUri,
    issuer,
    witnesses: [],
    smtp: undefined,
    tls: undefined,
  };
}

/** The data plane's settings in a development stack: its defaults, on loopback. */
export function dataPlaneSettings(
  directory: string,
  controlPlane: string,
  port: number,
  joinToken: string | undefined,
): DataPlaneSettings {
  const defaults = defaultsOf(DATA_PLANE, { controlPlane });
  return {
    ...defaults,
    bodyBudget: defaultBudget(defaults.maxBody),
    listen: { host: HOST, port },
    stateDirectory: planeDirectory(directory),
    joinToken,
    tls: undefined,
    tlsClientCa: undefined,
    labels: {},
    controlPlaneCa: undefined,
  };
}

/** Where the data plane of a stack keeps its state. */
export function planeDirectory(directory: string): string {
  return join(directory, 'data-plane');
}

function defaultsOf<D extends Definitions>(definitions: D, flags: Record<string, string>): ValuesOf<D> {
  return resolveSettings(definitions, { flags, env: {}, file: undefined });
}
