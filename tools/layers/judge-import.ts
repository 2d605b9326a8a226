/**
 * Judges one import against the layer rules.
 *
 * Not for the rules themselves, which are data (`layer-rules.ts`), nor for reading files. Pure.
 */
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { layers, type PackageLayer } from './layer-rules.ts'

/** Names the rule that an import breaks in one sentence, or `undefined` when it breaks none. `path` is from the root. */
export function judgeImport(path: string, specifier: string | undefined): string | undefined {
  const entry = Object.entries(layers).find(([, layer]) => path.startsWith(`${layer.folder}/`))
  if (entry === undefined) return undefined
  const [name, layer] = entry
  const inSource = path.startsWith(`${layer.folder}/src/`)
  if (specifier === undefined) {
    return inSource ? `${name} must name what it imports, so that its layer can be checked.` : undefined
  }
  if (specifier.startsWith('.')) return judgeRelative(name, layer, path, specifier)
  const target = packageOf(specifier)
  if (target in layers) return judgeWorkspace(name, layer, target, inSource)
  return inSource ? judgeOutside(name, layer, path, specifier) : undefined
}

function judgeRelative(
  name: string,
  layer: PackageLayer,
  path: string,
  specifier: string,
): string | undefined {
  const target = posix.join(posix.dirname(path), specifier)
  if (!target.startsWith(`${layer.folder}/`)) {
    return `${name} may not reach into ${target}: another folder of the workspace is imported by its package name.`
  }
  const from = folderIn(layer, path)
  const to = folderIn(layer, target)
  if (layer.folders === undefined || from === undefined) return undefined
  if (to === undefined) return `${name}'s ${from} may not import ${target}, which stands above its folders.`
  return judgeFolders(name, layer.folders, from, to)
}

function judgeFolders(
  name: string,
  folders: readonly string[],
  from: string,
  to: string,
): string | undefined {
  const unknown = [from, to].find((folder) => !folders.includes(folder))
  if (unknown !== undefined) return `${name}'s folder ${unknown} has no place in the order of folders.`
  if (folders.indexOf(to) <= folders.indexOf(from)) return undefined
  return `${name}'s ${from} may not import ${to}: a folder imports itself and the folders that stand before it.`
}

function judgeWorkspace(
  name: string,
  layer: PackageLayer,
  target: string,
  inSource: boolean,
): string | undefined {
  if (target === name) {
    return inSource ? `${name} imports its own files by relative path, not by its package name.` : undefined
  }
  if (layer.below.includes(target)) return undefined
  const below = layer.below.length === 0 ? 'no other package' : layer.below.join(', ')
  return `${name} may not import ${target}: of the workspace it imports ${below}.`
}

function judgeOutside(
  name: string,
  layer: PackageLayer,
  path: string,
  specifier: string,
): string | undefined {
  if (isBuiltin(specifier)) {
    return layer.node
      ? undefined
      : `${name} may not import ${specifier}: it uses no built-in module of Node, so that it runs in browsers.`
  }
  if (layer.outside === undefined) return undefined
  const allowed = [...layer.outside, ...(layer.outsideByFolder?.[folderIn(layer, path) ?? ''] ?? [])]
  const target = packageOf(specifier)
  if (allowed.some((entry) => (entry.endsWith('/') ? target.startsWith(entry) : target === entry))) {
    return undefined
  }
  return `${name} may not import ${target}: from outside it imports only ${layer.outside.join(', ')}.`
}

/** First folder below `src`, or `undefined` for files that stand in `src` itself or outside it. */
function folderIn(layer: PackageLayer, path: string): string | undefined {
  const source = `${layer.folder}/src/`
  if (!path.startsWith(source)) return undefined
  const [folder, ...rest] = path.slice(source.length).split('/')
  return rest.length === 0 ? undefined : folder
}

/** `@scope/name` or `name` of a specifier that may go on with a path. */
function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}
