import { expect, test } from 'vitest';
import { findExposures } from '../../../program/memory/exposures.ts';

test.each([
  ['--inspect'],
  ['--inspect=0.0.0.0:9229'],
  ['--inspect_brk'],
  ['--heapsnapshot-signal=SIGUSR2'],
  ['--heapsnapshot_near_heap_limit=3'],
  ['--report-on-signal'],
  ['--report-uncaught-exception'],
  ['--report-on-fatalerror'],
  ['--abort_on_uncaught_exception'],
  ['--tls-keylog=/tmp/keys'],
  ['--trace-tls'],
])('%s is told, on the command line and in NODE_OPTIONS', (option) => {
  expect(findExposures(['--enable-source-maps', option], {})).toEqual([option]);
  expect(findExposures([], { NODE_OPTIONS: ` --max-old-space-size=512  ${option} ` })).toEqual([option]);
});

test('quotes hide nothing, and what they hold is no option', () => {
  const options = '"--inspect" --rep"ort-on-"signal "--trace\\-tls"';
  expect(findExposures([], { NODE_OPTIONS: options })).toEqual([
    '--inspect',
    '--report-on-signal',
    '--trace-tls',
  ]);
  expect(findExposures([], { NODE_OPTIONS: '--require "/a b/ --inspect"' })).toEqual([]);
});

test('variables that make Node talk are told; what gives nothing away is not', () => {
  expect(findExposures([], { NODE_DEBUG: 'http', NODE_DEBUG_NATIVE: '' })).toEqual(['NODE_DEBUG']);
  expect(findExposures(['--disable-warning=ExperimentalWarning'], { NODE_OPTIONS: '--cpu-prof' })).toEqual(
    [],
  );
});
