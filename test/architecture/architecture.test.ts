import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { findCircles } from './circles.ts';
import { readSource, type Source } from './imports.ts';
import {
  declaredPackages,
  knownFolder,
  noComputedImport,
  noDefaultExport,
  nounsAndVerbs,
  oneWay,
  packageHomes,
  pureCore,
  type Rule,
  shortFiles,
} from './rules.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
/** What is not ours, or not source. */
const PASSED_OVER = ['node_modules', '.git', '.sworn', 'coverage'];
const declared = declaredPackages(manifest);

const RULES: Readonly<Record<string, Rule>> = {
  knownFolder,
  oneWay,
  noComputedImport,
  packageHomes,
  pureCore,
  declared,
  shortFiles,
  noDefaultExport,
  nounsAndVerbs,
};

async function readTree(): Promise<Source[]> {
  const sources: Source[] = [];
  for await (const path of glob('**/*.{ts,mts,cts,js,mjs,cjs}', { cwd: ROOT, exclude: PASSED_OVER })) {
    sources.push(readSource(path.replaceAll('\\', '/'), readFileSync(`${ROOT}${path}`, 'utf8')));
  }
  return sources;
}

const tree = await readTree();

test('the tree is read', () => {
  expect(tree.length).toBeGreaterThan(100);
  expect(tree.flatMap(({ imports }) => imports).length).toBeGreaterThan(tree.length);
});

test.each(Object.keys(RULES))('the tree keeps the rule %s', (name) => {
  const broken = tree.flatMap((source) =>
    (RULES[name]?.(source) ?? []).map((fault) => `${source.path}: ${fault}`),
  );
  expect(broken).toEqual([]);
});

test('no file imports itself by way of others, not even for a type', () => {
  expect(findCircles(tree)).toEqual([]);
});

test.each<[string, Readonly<Record<string, string>>, string[][]]>([
  ['one way', { 'a.ts': "import './b.ts';", 'b.ts': "import './c.ts';", 'c.ts': '' }, []],
  [
    'two ways to one',
    { 'a.ts': "import './b.ts'; import './c.ts';", 'b.ts': "import './c.ts';", 'c.ts': '' },
    [],
  ],
  ['two', { 'a.ts': "import './b.ts';", 'b.ts': "import './a.ts';" }, [['a.ts', 'b.ts']]],
  ['itself', { 'a.ts': "export * from './a.ts';" }, [['a.ts']]],
  [
    'types, a re-export and an import() of a type',
    {
      'a.ts': "import type { B } from './b.ts';",
      'b.ts': "export type { C } from './c.ts';",
      'c.ts': "type A = import('./a.ts').A;",
      'd.ts': "import './a.ts';",
    },
    [['a.ts', 'b.ts', 'c.ts']],
  ],
  [
    'two circles, of which one leads to the other',
    {
      'a.ts': "import './b.ts'; import './c.ts';",
      'b.ts': "import './a.ts';",
      'c.ts': "import './d.ts';",
      'd.ts': "import './c.ts';",
    },
    [
      ['a.ts', 'b.ts'],
      ['c.ts', 'd.ts'],
    ],
  ],
  [
    'one that is closed late',
    {
      'a.ts': "import './b.ts';",
      'b.ts': "import './c.ts'; import './d.ts';",
      'c.ts': "import './b.ts';",
      'd.ts': "import './a.ts';",
    },
    [['a.ts', 'b.ts', 'c.ts', 'd.ts']],
  ],
])('circles: %s', (_what, files, circles) => {
  expect(findCircles(Object.entries(files).map(([path, text]) => readSource(path, text)))).toEqual(circles);
});

/** Files that each break one rule, and what the rule says. */
const PLANTED: readonly (readonly [rule: string, path: string, text: string, fault: string | undefined])[] = [
  ['knownFolder', 'shared/a.ts', '', 'no rule holds for code in shared/: give it a place in the layers'],
  ['knownFolder', 'a.ts', '', 'no rule holds for code in ./: give it a place in the layers'],
  ['knownFolder', 'proto/check.ts', '', undefined],
  ['knownFolder', 'vitest.config.ts', '', undefined],
  ['oneWay', 'proto/gen/a.ts', "import { a } from '#core/a.ts';", 'proto/gen may not import core/a.ts'],
  ['oneWay', 'core/a.ts', "import { a } from '../cli/a.ts';", 'core may not import cli/a.ts'],
  [
    'oneWay',
    'core/a.ts',
    "import type { A } from '../data-plane/a.ts';",
    'core may not import data-plane/a.ts',
  ],
  ['oneWay', 'core/a.ts', "import { a } from '#proto/a.ts';", undefined],
  [
    'oneWay',
    'witness/a.ts',
    "import { a } from '../control-plane/a.ts';",
    'witness may not import control-plane/a.ts',
  ],
  [
    'oneWay',
    'control-plane/a.ts',
    "export * from '../data-plane/a.ts';",
    'control-plane may not import data-plane/a.ts',
  ],
  [
    'oneWay',
    'control-plane/storage/a.ts',
    "import type { A } from '../api/a.ts';",
    'control-plane/storage may not import control-plane/api/a.ts',
  ],
  ['oneWay', 'control-plane/api/a.ts', "import { a } from '../storage/a.ts';", undefined],
  [
    'oneWay',
    'data-plane/b/a.ts',
    "export { a } from '../../control-plane/a.ts';",
    'data-plane may not import control-plane/a.ts',
  ],
  ['oneWay', 'oidc/a.ts', "import { a } from '../program/log.ts';", 'oidc may not import program/log.ts'],
  ['oneWay', 'data-plane/a.ts', "import { a } from '../oidc/verify.ts';", undefined],
  ['oneWay', 'cli/a.ts', "import { a } from '../oidc/verify.ts';", 'cli may not import oidc/verify.ts'],
  ['oneWay', 'cli/a.ts', "import { a } from '../program/stop-signal.ts';", undefined],
  [
    'oneWay',
    'cli/a.ts',
    "await import('../control-plane/start.ts');",
    'cli may not import control-plane/start.ts',
  ],
  ['oneWay', 'cli/a.ts', "type A = import('../data-plane/a.ts').A;", 'cli may not import data-plane/a.ts'],
  ['oneWay', 'cli/commands/dev/a.ts', "import { a } from '../../../control-plane/start.ts';", undefined],
  [
    'oneWay',
    'cli/commands/developer/a.ts',
    "import '../../../control-plane/start.ts';",
    'cli may not import control-plane/start.ts',
  ],
  ['oneWay', 'core/a.ts', "import { env } from '../test/env/a.ts';", 'core may not import test/env/a.ts'],
  ['oneWay', 'core/a.ts', "// import '../cli/a.ts';\nexport const a = \"import '../cli/a.ts'\";", undefined],
  ['noComputedImport', 'cli/a.ts', 'await import(process.env.A);', 'import() takes a literal here'],
  [
    'packageHomes',
    'control-plane/audit/a.ts',
    "import type { Db } from 'mongodb';",
    'mongodb is imported in control-plane/storage only',
  ],
  ['packageHomes', 'control-plane/storage/a.ts', "import { MongoClient } from 'mongodb';", undefined],
  [
    'packageHomes',
    'control-plane/a.ts',
    "await import('@aws-sdk/client-kms');",
    '@aws-sdk/client-kms is imported in control-plane/evidence-key only',
  ],
  [
    'packageHomes',
    'data-plane/mask/a.ts',
    "import { Pool } from 'undici';",
    'undici is imported in data-plane/upstream and control-plane/notification only',
  ],
  ['packageHomes', 'data-plane/upstream/a.ts', "import { Pool } from 'undici';", undefined],
  [
    'packageHomes',
    'cli/a.ts',
    "await import('openid-client');",
    'openid-client is imported in cli/auth and data-plane/upstream only',
  ],
  [
    'packageHomes',
    'control-plane/a.ts',
    "import P from 'oidc-provider/lib/a.js';",
    'oidc-provider is imported in cli/commands/dev only',
  ],
  [
    'pureCore',
    'core/a.ts',
    "import { readFile } from 'node:fs/promises';",
    'core may not import node:fs/promises',
  ],
  ['pureCore', 'core/a.ts', "import net from 'node:net';", 'core may not import node:net'],
  [
    'pureCore',
    'core/a.ts',
    "import { randomBytes } from 'node:crypto';",
    'core may not import randomBytes of node:crypto',
  ],
  ['pureCore', 'core/a.ts', "import * as crypto from 'node:crypto';", 'core may not import * of node:crypto'],
  ['pureCore', 'core/a.ts', "import { createHash } from 'node:crypto';", undefined],
  ['pureCore', 'core/a.ts', "import { v7 } from 'uuid';", 'core may not import uuid'],
  ['pureCore', 'core/a.ts', 'export const at = () => Date.now();', 'core may not use Date.now'],
  ['pureCore', 'core/a.ts', 'export const at = () => new Date();', 'core may not use new Date()'],
  ['pureCore', 'core/a.ts', 'export const at = (ms: number) => new Date(ms);', undefined],
  ['pureCore', 'core/a.ts', 'export const dice = Math.random();', 'core may not use Math.random'],
  ['pureCore', 'core/a.ts', "export const page = fetch('https://example.org');", 'core may not use fetch()'],
  ['pureCore', 'core/a.ts', 'setTimeout(() => {}, 1);', 'core may not use setTimeout()'],
  ['pureCore', 'core/a.ts', "export const home = process.env['HOME'];", 'core may not use process.env'],
  ['declared', 'core/a.ts', "import a from 'left-pad';", "left-pad is not in package.json's dependencies"],
  ['declared', 'cli/a.ts', "import { test } from 'vitest';", "vitest is not in package.json's dependencies"],
  ['declared', 'test/a.ts', "import { test } from 'vitest';", undefined],
  ['shortFiles', 'cli/a.ts', '\n'.repeat(301), '301 lines; split it by meaning (at most 300)'],
  ['shortFiles', 'cli/a.ts', '\n'.repeat(300), undefined],
  ['shortFiles', 'proto/gen/a.ts', '\n'.repeat(1_000), undefined],
  ['noDefaultExport', 'core/a.ts', 'export default 1;', 'export by name, not by default'],
  ['noDefaultExport', 'core/a.ts', 'const a = 1; export { a as default };', 'export by name, not by default'],
  ['nounsAndVerbs', 'cli/commands/a.ts', '', 'belongs in the folder of its noun'],
  [
    'nounsAndVerbs',
    'cli/commands/plane/list.ts',
    'export function createRevokeCommand() {}',
    'createRevokeCommand belongs in cli/commands/plane/revoke.ts',
  ],
  [
    'nounsAndVerbs',
    'cli/commands/plane/join-token.ts',
    'export function createJoinTokenCommand() {}',
    undefined,
  ],
  ['nounsAndVerbs', 'cli/commands/dev/token.ts', 'export function createDevTokenCommand() {}', undefined],
  ['nounsAndVerbs', 'cli/commands/dev/demo/command.ts', 'export function createDemoCommand() {}', undefined],
  [
    'nounsAndVerbs',
    'cli/commands/plane/a.ts',
    'export const createPlaneCommand = () => 1;',
    'createPlaneCommand belongs in cli/commands/plane/command.ts',
  ],
];

test.each(PLANTED)('%s on %s: %j', (name, path, text, fault) => {
  expect(RULES[name]?.(readSource(path, text))).toEqual(fault === undefined ? [] : [fault]);
});

test('every rule is shown to fail', () => {
  const shown = new Set(PLANTED.filter(([, , , fault]) => fault !== undefined).map(([name]) => name));
  expect([...shown].sort()).toEqual(Object.keys(RULES).sort());
});
