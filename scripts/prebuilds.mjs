// npm run prebuilds: the binaries that ship, one for each Node and architecture. Each is checked for what it asks of
// the C library, and loaded and used in its own Node: under qemu if that is not for this machine.
//   --node 20,24   only these        --arch x64   only this        --possible   leave out what cannot be built here
import { execFileSync, spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { compilePackage } from './build.mjs';
import { buildPrebuilt, root } from './native.mjs';
import { ARCHITECTURES, fetchNode, MAJORS } from './nodes.mjs';

/** What Node's own binaries ask for. */
const GLIBC_FLOOR = [2, 28];
const CROSS_TOOLS = ['aarch64-linux-gnu-g++', 'aarch64-linux-gnu-objdump', 'qemu-aarch64'];
const SYSROOT = '/usr/aarch64-linux-gnu';

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: MAJORS.join() },
    arch: { type: 'string', default: ARCHITECTURES.join() },
    possible: { type: 'boolean', default: false },
  },
});

function missingTools(arch) {
  if (arch === process.arch) return [];
  if (arch !== 'arm64') return [`a compiler from ${process.arch} to ${arch}`];
  return CROSS_TOOLS.filter((tool) => spawnSync('which', [tool]).status !== 0);
}

/** Throws if the binary would not load on a system as old as those that Node itself runs on. */
function checkLibraries(binary, arch) {
  const objdump = arch === process.arch ? 'objdump' : 'aarch64-linux-gnu-objdump';
  const symbols = execFileSync(objdump, ['-T', binary], { encoding: 'utf8' });
  if (symbols.includes('GLIBCXX_')) throw new Error(`${binary} asks for symbols of libstdc++`);
  for (const [version, major, minor] of symbols.matchAll(/GLIBC_(\d+)\.(\d+)/g)) {
    if (Number(major) > GLIBC_FLOOR[0] || Number(minor) > GLIBC_FLOOR[1]) {
      throw new Error(`${binary} asks for ${version}, newer than ${GLIBC_FLOOR.join('.')}`);
    }
  }
}

function loadTest(binary, node) {
  const command = [node.execPath, join(root, 'scripts', 'load-test.mjs'), binary];
  if (node.arch !== process.arch) command.unshift('qemu-aarch64', '-L', SYSROOT);
  execFileSync(command[0], command.slice(1), { stdio: 'inherit' });
}

await compilePackage();
for (const arch of values.arch.split(',')) {
  const missing = missingTools(arch);
  if (missing.length > 0) {
    const message = `cannot build for ${arch}: needs ${missing.join(', ')} (Debian: g++-aarch64-linux-gnu, qemu-user)`;
    if (!values.possible) throw new Error(message);
    console.warn(`${message}; left out`);
    continue;
  }
  for (const major of values.node.split(',')) {
    const node = fetchNode(major, arch);
    const binary = buildPrebuilt(node);
    checkLibraries(binary, arch);
    loadTest(binary, node);
    console.log(`${relative(root, binary)}  loads in Node ${node.version} ${arch}`);
  }
}
