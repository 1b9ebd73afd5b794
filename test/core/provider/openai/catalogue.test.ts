import { describe, expect, it } from 'vitest';
import { findRoute, ROUTES } from '#core/provider/openai/catalogue.ts';

describe('findRoute', () => {
  it.each(ROUTES)('finds $id with and without /v1', (route) => {
    expect(findRoute(route.method, route.path)).toBe(route);
    expect(findRoute(route.method, `/v1${route.path}`)).toBe(route);
  });

  it.each([
    ['GET', '/v1/responses'],
    ['POST', '/v1/models'],
    ['post', '/v1/responses'],
    ['POST', '/v1/responses/'],
    ['POST', '/v1//responses'],
    ['POST', '//v1/responses'],
    ['POST', '/v1/v1/responses'],
    ['POST', '/V1/responses'],
    ['POST', '/v1/Responses'],
    ['POST', '/v1/%72esponses'],
    ['POST', '/v1/./responses'],
    ['POST', '/v1/models/../responses'],
    ['POST', '/v1/responses?x=1'],
    ['POST', '/v1/responses#x'],
    ['POST', '/v1/embeddings'],
    ['POST', ''],
    ['POST', '__proto__'],
  ])('refuses %s %s', (method, path) => {
    expect(findRoute(method, path)).toBeUndefined();
  });
});
