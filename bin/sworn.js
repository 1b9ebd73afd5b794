#!/usr/bin/env node
// `npx sworn`: starts the command line under the pinned Node.
import { fileURLToPath } from 'node:url';
import { runPinnedNode } from './pinned-node.js';

runPinnedNode([fileURLToPath(new URL('../cli/main.ts', import.meta.url)), ...process.argv.slice(2)]);
