// The pinned Node, for npm scripts: `node bin/node.js FILE [ARGUMENT]...`
import { runPinnedNode } from './pinned-node.js';

runPinnedNode(process.argv.slice(2));
