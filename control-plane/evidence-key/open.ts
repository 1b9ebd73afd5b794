import type { Logger } from 'pino';
import { isLoopback } from '#core/endpoint/read.ts';
import type { ControlPlaneSettings } from '../config/settings.ts';
import { withMemory } from './cache.ts';
import { createFileKeys } from './file.ts';
import { createKmsKeys } from './kms.ts';
import type { KeyProvider } from './provider.ts';

/**
 * The key provider that the settings name. Bare files are for development; anywhere else they are warned of at each start.
 * @param isDevelopment whether this is a stack of `sworn dev`; it does not count where it listens to a network
 */
export function openEvidenceKeys(
  settings: Pick<ControlPlaneSettings, 'stateDirectory' | 'evidenceKmsKey' | 'listen'>,
  isDevelopment: boolean,
  logger: Logger,
): KeyProvider {
  const { stateDirectory, evidenceKmsKey, listen } = settings;
  if (evidenceKmsKey !== undefined) return withMemory(createKmsKeys(stateDirectory, evidenceKmsKey));
  const keys = createFileKeys(stateDirectory);
  if (!isDevelopment || !isLoopback(listen.host)) {
    logger.warn(
      { event: 'evidence_key_bare', place: keys.place },
      'WARNING: the evidence keys lie in bare files: who reads them and the database reads every prompt and answer. ' +
        'Set --evidence-kms-key, or keep them on an encrypted disk, and back them up',
    );
  }
  return withMemory(keys);
}
