import type { BuildOrder, PoolSettings, ResolvedImage } from '../../model/order.ts';
import { templateValues } from '../builders/builder-options.ts';
import { fillTemplate } from '../builders/fill-template.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { whyNoArtifacts } from './artifacts.ts';
import { looksLikeCredential } from './credential-like.ts';
import { secretsOf } from './job-secrets.ts';
import type { JobLibrary } from './job-template.ts';
import { isBuilderVariable } from './security.ts';
import { whyNotSiblings } from './siblings.ts';

/** Why no pod can be made of this order, as a sentence for the author; null when one can. It stays so until something is changed. */
export function whyNotRender(order: BuildOrder, pool: PoolSettings, library: JobLibrary): string | null {
  const { template } = order.job.content;
  const known = library.get(template);
  if (known === undefined) return `the job template ${inlineCode(template)} is not there yet`;
  if (known.steps.length === 0)
    return `a job of template ${inlineCode(template)} has nothing to build: it needs no pod`;
  const credential = order.build.trust === 'untrusted' ? credentialOf(order) : null;
  if (credential !== null)
    return `${inlineCode(credential)} holds what looks like a credential, and nobody approved this code: take it out`;
  if (template === 'promote-image') return whyNotPromote(order);
  if (template === 'run') return whyNotSecrets(order) ?? whyNoArtifacts(order);
  if (template === 'canary') return order.canary === undefined ? 'a canary is of no repository' : null;
  if (order.image === null) return `the job ${inlineCode(order.job.name)} builds images and none was named`;
  const noUpload = template === 'upload-image' ? whyNotUpload(order, order.image) : null;
  if (noUpload !== null) return noUpload;
  return whyNotBuild(order, order.image, pool);
}

function whyNotSecrets(order: BuildOrder): string | null {
  const [first] = secretsOf(order);
  if (first === undefined || order.build.trust !== 'untrusted') return null;
  return `the job ${inlineCode(order.job.name)} gets the secret ${inlineCode(first.secret)}, which is never given to code that nobody approved: let it run in the gate, or without \`secrets\``;
}

function whyNotPromote({ job, promote }: BuildOrder): string | null {
  if (promote !== undefined) return null;
  return `the job ${inlineCode(job.name)} promotes what a change built, which happens by itself once it has landed`;
}

function whyNotUpload({ job, build, upload }: BuildOrder, { image }: ResolvedImage): string | null {
  const uploads = `the job ${inlineCode(job.name)} uploads what it builds`;
  if (build.trust === 'untrusted')
    return `${uploads}, and nobody approved this code: untrusted code is built with \`template: build-image\`, which pushes nothing`;
  if (upload !== undefined) return null;
  if (image.repository === null)
    return `${uploads}, and image ${inlineCode(image.name)} names no \`repository\`: write one, or \`template: build-image\``;
  return `${uploads}, and image ${inlineCode(image.name)} has no place to be uploaded to from here: only the gate uploads, and with \`promotion: { mode: rebuild }\` what is built again once it has landed; write \`template: build-image\``;
}

function whyNotBuild(order: BuildOrder, resolved: ResolvedImage, pool: PoolSettings): string | null {
  const { image } = resolved;
  const name = inlineCode(image.name);
  if (image.builder !== null && image.builder !== pool.builder)
    return `image ${name} asks for the builder ${image.builder}, and here images are built with ${pool.builder}: leave \`builder\` out`;
  if (image.from.length > 0 && resolved.replaced === undefined)
    return `image ${name} has \`from\` rules, and nobody applied them to its container file: it is not built without`;
  const siblings = whyNotSiblings(order);
  if (siblings !== null) return `image ${name} cannot be built: ${siblings}`;
  const steering = Object.keys(image.extraEnv).find((each) => !isBuilderVariable(each));
  if (steering !== undefined)
    return `image ${name} sets ${inlineCode(steering)} in \`extraEnv\`, which would steer the builder: take it out`;
  const values = templateValues(order, resolved);
  const texts = [...Object.values(image.buildArgs), ...Object.values(image.labels)];
  const [unknown] = texts.flatMap((text) => fillTemplate(text, values).unknown);
  if (unknown === undefined) return null;
  return `image ${name} names the value ${inlineCode(`{{ ${unknown} }}`)}, which is not known here yet; known are ${Object.keys(
    values,
  )
    .map((each) => inlineCode(`{{ ${each} }}`))
    .join(', ')}`;
}

/** The name of the first variable, argument or label of the repository's with a credential in it. */
function credentialOf({ job, image }: BuildOrder): string | null {
  const environment = job.content.template === 'run' ? job.content.env : {};
  const given = image === null ? [] : [image.image.extraEnv, image.image.buildArgs, image.image.labels];
  const found = [environment, ...given].flatMap((texts) => Object.entries(texts));
  return found.find(([, text]) => looksLikeCredential(text))?.[0] ?? null;
}
