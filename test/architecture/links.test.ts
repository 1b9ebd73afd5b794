import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const PAGES = ['README.md', ...readdirSync(new URL('docs', ROOT)).map((name) => `docs/${name}`)];

/** A page without what stands in blocks: comments of a shell look like headings there. */
function prose(page: URL): string {
  return readFileSync(page, 'utf8').replaceAll(/^ *```.*?^ *```/gms, '');
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: URL): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose(page).matchAll(/^#+ +(.+)$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    anchors.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return anchors;
}

/** What is wrong with the links of a page to other files here and to headings. */
function faultsOf(page: string): string[] {
  const here = new URL(page, ROOT);
  const links = prose(here).matchAll(/\]\(([^)\s]+)\)/g);
  return [...links].flatMap(([, link = '']) => {
    if (/^https?:/.test(link)) return [];
    const target = new URL(link, here);
    const anchor = target.hash.slice(1);
    target.hash = '';
    if (!existsSync(target)) return [`${page}: ${link} is not there`];
    const isMissing = anchor !== '' && !anchorsOf(target).has(anchor);
    return isMissing ? [`${page}: ${link} has no such heading`] : [];
  });
}

test.each(PAGES)('the links of %s lead somewhere', (page) => {
  expect(faultsOf(page)).toEqual([]);
});
