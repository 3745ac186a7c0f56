import type { AddVerb } from './program.ts';

export const addRender: AddVerb = (program, deps) => {
  program
    .command('render')
    .description('print the pods of a job as they would be made, as Kubernetes manifests')
    .argument('<job>', 'name of the job')
    .option('--repo <folder>', 'clone to render for', '.')
    .action(async (job: string, { repo }: { readonly repo: string }) => {
      const manifests = await deps.render(repo, job);
      const documents = await Promise.all(manifests.map((manifest) => deps.toYaml(manifest)));
      deps.io.out(documents.map((text) => `${text.trimEnd()}\n`).join('---\n'));
    });
};
