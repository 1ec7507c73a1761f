/**
 * Node's own bookkeeping of async ids, which a stack switch must carry along and which has no public name.
 * It is found by one of two roads and then verified by its behaviour.
 */
import { AsyncResource, executionAsyncId, executionAsyncResource, triggerAsyncId } from 'node:async_hooks';
import type { Session } from 'node:inspector';
import type { NativeEngine } from '../native.ts';
import { withOwnSession } from './own-session.ts';

/** The binding `async_wrap`, as far as it is used here. Same names in Node 20 to 26. */
interface AsyncWrap {
  async_hook_fields: Uint32Array;
  async_id_fields: Float64Array;
  async_ids_stack: Float64Array;
  execution_async_resources: object[];
  constants: Record<string, number>;
  pushAsyncContext(id: number, trigger: number, resource?: object): void;
  popAsyncContext(id: number): boolean;
  executionAsyncResource(index: number): object;
}

/** The live arrays and functions. `wrap.async_ids_stack` is replaced when it grows: read it each time. */
export interface NodeAsyncState {
  wrap: AsyncWrap;
  fields: Uint32Array;
  ids: Float64Array;
  resources: object[];
  pop(id: number): boolean;
  resourceAt(index: number): object;
  kStackLength: number;
  kInit: number;
  kBefore: number;
  kAfter: number;
  kDefaultTrigger: number;
  kIdCounter: number;
  /** How strictly Node looks at the order in which scopes end; a count. */
  kCheck: number;
}

/** Calls the `before` and `after` hooks of async_hooks for a resource. */
export interface HookEmitters {
  before(asyncId: number): void;
  after(asyncId: number): void;
}

type Found = Record<string, unknown> & { async_wrap?: AsyncWrap };

const NAMES = ['async_wrap', 'popAsyncContext_', 'executionAsyncResource_', 'emitBeforeNative', 'emitAfterNative'];

/** Node 20 and 22 still hand the binding out, unless there is a permission model. */
function viaBinding(): Found {
  const quiet = process as unknown as { noDeprecation?: boolean; binding(name: string): AsyncWrap };
  const before = quiet.noDeprecation;
  quiet.noDeprecation = true;
  try {
    return { async_wrap: quiet.binding('async_wrap') };
  } finally {
    if (before === undefined) delete quiet.noDeprecation;
    else quiet.noDeprecation = before;
  }
}

interface RemoteObject {
  objectId?: string;
}
interface Property {
  name: string;
  value?: RemoteObject;
}

/** Reads the module scope of Node's `async_hooks` through a short inspector session with this process itself. */
function viaInspector(): Found {
  return withOwnSession(findInScope);
}

function findInScope(session: Session): Found {
  const key = `greenlets.acquire.${Math.random()}`;
  const found: Found = {};
  const post = <T>(method: string, params: object): T => {
    let result: T | undefined;
    let failure: Error | null = null;
    session.post(method, params, (error, value) => {
      failure = error;
      result = value as T;
    });
    if (failure !== null || result === undefined) throw failure ?? new Error(`inspector: no answer to ${method}`);
    return result;
  };
  const evaluate = (what: string): string => {
    const expression = `globalThis[${JSON.stringify(key)}].${what}`;
    return post<{ result: { objectId: string } }>('Runtime.evaluate', { expression, silent: true }).result.objectId;
  };
  const properties = (objectId: string): { result: Property[]; internalProperties?: Property[] } =>
    post('Runtime.getProperties', { objectId, ownProperties: true });
  try {
    Object.defineProperty(globalThis, key, { value: { f: executionAsyncResource, found }, configurable: true });
    const scopes = properties(evaluate('f')).internalProperties?.find((p) => p.name === '[[Scopes]]')?.value?.objectId;
    const scope = scopes === undefined ? undefined : properties(scopes).result.find((p) => p.name === '0');
    if (scope?.value?.objectId === undefined) throw new Error('inspector: no module scope');
    const wanted = properties(scope.value.objectId).result.filter((p) => NAMES.includes(p.name));
    post('Runtime.callFunctionOn', {
      objectId: evaluate('found'),
      silent: true,
      functionDeclaration:
        'function (names, ...values) { names.split(",").forEach((n, i) => { this[n] = values[i]; }); }',
      arguments: [{ value: wanted.map((p) => p.name).join() }, ...wanted.map((p) => ({ objectId: p.value?.objectId }))],
    });
  } finally {
    delete (globalThis as Record<string, unknown>)[key];
  }
  return found;
}

/** Looks through the heap for the binding: the last road, and the only one under a permission model. */
const viaHeap = (native: NativeEngine) =>
  function viaHeap(): Found {
    const wrap = native.findObject('execution_async_resources', 'popAsyncContext') as AsyncWrap | undefined;
    if (wrap === undefined) throw new Error('heap: not found');
    return { async_wrap: wrap };
  };

function fromFound(found: Found): NodeAsyncState {
  const wrap = found.async_wrap;
  if (wrap === undefined) throw new Error('async_wrap not found');
  const { constants } = wrap;
  const constant = (name: string): number => {
    const value = constants[name];
    if (value === undefined) throw new Error(`async_wrap has no constant ${name}`);
    return value;
  };
  return {
    wrap,
    fields: wrap.async_hook_fields,
    ids: wrap.async_id_fields,
    resources: wrap.execution_async_resources,
    pop: (found.popAsyncContext_ as NodeAsyncState['pop'] | undefined) ?? wrap.popAsyncContext,
    resourceAt:
      (found.executionAsyncResource_ as NodeAsyncState['resourceAt'] | undefined) ?? wrap.executionAsyncResource,
    kStackLength: constant('kStackLength'),
    kInit: constant('kInit'),
    kBefore: constant('kBefore'),
    kAfter: constant('kAfter'),
    kDefaultTrigger: constant('kDefaultTriggerAsyncId'),
    kIdCounter: constant('kAsyncIdCounter'),
    kCheck: constant('kCheck'),
  };
}

/** Throws unless entering and leaving a resource moves exactly what is expected. */
function verify(state: NodeAsyncState): NodeAsyncState {
  const { fields, ids, resources, wrap, kStackLength } = state;
  const probe = new AsyncResource('GreenletsProbe');
  const depth = fields[kStackLength] as number;
  let good = ids[0] === executionAsyncId() && ids[1] === triggerAsyncId();
  probe.runInAsyncScope(() => {
    good &&=
      fields[kStackLength] === depth + 1 &&
      ids[0] === probe.asyncId() &&
      ids[1] === probe.triggerAsyncId() &&
      resources[depth] === probe &&
      resources.length === depth + 1 &&
      wrap.async_ids_stack.length >= 2 * (depth + 1) &&
      wrap.execution_async_resources === resources;
  });
  good &&= fields[kStackLength] === depth && typeof state.pop === 'function' && typeof state.resourceAt === 'function';
  if (!good) throw new Error('the async state of this Node does not behave as known');
  return state;
}

/**
 * Finds the state.
 *
 * @returns what was found, or the reasons why not: then blocking inside a nested async scope must be refused.
 */
export function acquireNodeAsyncState(native: NativeEngine): NodeAsyncState | string {
  const major = Number(process.versions.node.split('.')[0]);
  const roads = major < 24 ? [viaBinding, viaInspector] : [viaInspector, viaBinding];
  const failures: string[] = [];
  for (const road of [...roads, viaHeap(native)]) {
    try {
      return verify(fromFound(road()));
    } catch (error) {
      failures.push(`${road.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failures.join('; ');
}

/** Finds the emitters, once hooks are enabled; where the inspector is refused, nobody is told of a greenlet's switches. */
export function acquireHookEmitters(): HookEmitters {
  try {
    const { emitBeforeNative: before, emitAfterNative: after } = viaInspector();
    if (typeof before === 'function' && typeof after === 'function') return { before, after } as HookEmitters;
  } catch {
    // As if not found.
  }
  return { before() {}, after() {} };
}
