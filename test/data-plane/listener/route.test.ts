import { expect, test } from 'vitest';
import { describeRoute } from '../../../data-plane/listener/route.ts';

test.each([
  ['POST', '/v1/responses', 'responses.create'],
  ['POST', '/v1/responses?a=b', 'responses.create'],
  ['POST', '/v1/files', 'files.create'],
  ['POST', '/v1/evals', 'POST /v1/evals'],
  ['GET', '/files/john/smith', 'GET /files/...'],
  ['GET', '/v1/patients/john-smith', 'GET (unknown path)'],
  ['GET', '/v1/john-smith', 'GET (unknown path)'],
  ['JOHNSMITH', '/v1/responses', '? /v1/responses'],
  ['GET', 'http://host/v1/files', 'GET (unknown path)'],
])('a record names %s %s without the words of its caller', (method, target, described) => {
  expect(describeRoute(method, target)).toBe(described);
});
