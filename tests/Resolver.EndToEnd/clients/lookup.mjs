// SPDX-License-Identifier: Apache-2.0
// Prints every address that Node finds for a name, by dns.lookup (the C library) or by dns.resolve (c-ares); on standard error, how long it took.
import dns from 'node:dns/promises';

const [how, name] = process.argv.slice(2);

async function resolve() {
  const families = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
  const failure = families.find(family => family.status === 'rejected' && family.reason.code !== 'ENODATA');
  if (failure) {
    throw failure.reason;
  }
  return families.flatMap(family => family.value ?? []);
}

async function lookup() {
  return (await dns.lookup(name, { all: true })).map(found => found.address);
}

const start = performance.now();
try {
  console.log((await (how === 'lookup' ? lookup() : resolve())).join('\n'));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  console.error(`took ${Math.round(performance.now() - start)} ms`);
}
