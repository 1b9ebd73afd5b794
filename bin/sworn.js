#!/usr/bin/env node
// `npx sworn`: starts the program that the first word names under the pinned Node; the command line for all others.
import { fileURLToPath } from 'node:url';
import { runPinnedNode } from './pinned-node.js';

const PROGRAMS = ['control-plane', 'data-plane', 'witness'];

const args = process.argv.slice(2);
const program = PROGRAMS.find((name) => name === args[0]);
const main = program === undefined ? '../cli/main.ts' : `../${program}/main.ts`;
const rest = program === undefined ? args : args.slice(1);
runPinnedNode([fileURLToPath(new URL(main, import.meta.url)), ...rest]);
