#!/usr/bin/env node
// `npx sworn`: starts the program that the first word names under the pinned Node; the command line for all others.
import { fileURLToPath } from 'node:url';
import { runPinnedNode } from './pinned-node.js';

/** The programs that are no commands of an API, where each is, and the flags of V8 that it runs with. */
const PROGRAMS = {
  'control-plane': { folder: 'control-plane', flags: [] },
  // What calls leave is collected in smaller steps, and before it is as much again as what stays: a third less memory under load.
  'data-plane': { folder: 'data-plane', flags: ['--max-semi-space-size=8', '--heap-growing-percent=50'] },
  'master-key': { folder: 'control-plane/master-key', flags: [] },
  witness: { folder: 'witness', flags: [] },
};

const [word = '', ...rest] = process.argv.slice(2);
const pathOf = (folder) => fileURLToPath(new URL(`../${folder}/main.ts`, import.meta.url));
if (Object.hasOwn(PROGRAMS, word)) {
  const { folder, flags } = PROGRAMS[word];
  runPinnedNode([...flags, pathOf(folder), ...rest]);
} else runPinnedNode([pathOf('cli'), ...process.argv.slice(2)]);
