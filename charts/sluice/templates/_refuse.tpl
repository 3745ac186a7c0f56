{{- /* What no schema can say in a sentence. */ -}}
{{- define "sluice.refuse" -}}
{{- if not .Values.image.repository }}
{{- fail "image.repository is empty: name where the cluster pulls Sluice from, as registry.acme.io/sluice" }}
{{- end }}
{{- $builder := .Values.builds.builder }}
{{- $builderImage := printf "%sImage" $builder }}
{{- if not (and .Values.builds.stepImage (get .Values.builds $builderImage)) }}
{{- fail (printf "builds.stepImage and builds.%s must name the images of our steps and of %s as nodes can pull them" $builderImage $builder) }}
{{- end }}
{{- $images := dict "image" (include "sluice.image" .) "builds.stepImage" .Values.builds.stepImage (printf "builds.%s" $builderImage) (get .Values.builds $builderImage) }}
{{- if .Values.redis.trial.enabled }}{{ $images = set $images "redis.trial.image" .Values.redis.trial.image }}{{ end }}
{{- range $where, $image := $images }}
{{- if or (hasSuffix ":latest" $image) (not (regexMatch ":[^/]+$" $image)) }}
{{- fail (printf "%s is %s, which may be another image tomorrow: name a version, best with @sha256:…" $where $image) }}
{{- end }}
{{- end }}
{{- $isOnly := and (eq (len .Values.builds.namespaces) 1) (not .Values.builds.otherClusters) }}
{{- range .Values.builds.namespaces }}
{{- if eq .name $.Release.Namespace }}
{{- fail (printf "builds.namespaces names %s, where Sluice itself and its secrets are: builds get a namespace of their own" .name) }}
{{- end }}
{{- if and $isOnly (ne (join "," (sortAlpha .trust)) "approved,trusted,untrusted") }}
{{- fail (printf "builds.namespaces: %s is the only namespace, so its trust must be [untrusted, approved, trusted]: what is left out would be built nowhere" .name) }}
{{- end }}
{{- end }}
{{- include "sluice.refusePools" . }}
{{- range .Values.builds.namespaces }}
{{- if and (eq $builder "buildkit") (ne .podSecurity "privileged") }}
{{- fail (printf "builds.builder is buildkit, whose daemon Pod Security %s refuses: write podSecurity: privileged for %s, where a policy then admits nothing but pods as Sluice makes them" .podSecurity .name) }}
{{- end }}
{{- if and (ne $builder "buildkit") (eq .podSecurity "privileged") }}
{{- fail (printf "builds.namespaces: %s is privileged, which %s does not need: write podSecurity: baseline" .name $builder) }}
{{- end }}
{{- end }}
{{- with .Values.builds.isolation }}
{{- if .enabled }}
{{- $known := keys .targets }}
{{- if .pod }}{{ $known = append $known "pod" }}{{ end }}
{{- if .apiServer }}{{ $known = append $known "api-server" }}{{ end }}
{{- if .kubelet }}{{ $known = append $known "kubelet" }}{{ end }}
{{- if .metadata }}{{ $known = append $known "metadata" }}{{ end }}
{{- if and $.Values.redis.trial.enabled $.Values.builds.network.dns.enabled }}{{ $known = append $known "redis" }}{{ end }}
{{- range $name, $_ := .targets }}
{{- if has $name (list "pod" "api-server" "kubelet" "metadata" ($.Values.redis.trial.enabled | ternary "redis" "")) }}
{{- fail (printf "builds.isolation.targets names %s, which the chart itself names: give it another name" $name) }}
{{- end }}
{{- end }}
{{- if not $known }}
{{- fail "builds.isolation is enabled and tries nothing: name a target, or write enabled: false, which each check run then says" }}
{{- end }}
{{- range .accepted }}
{{- if not (has . $known) }}
{{- fail (printf "builds.isolation.accepted names %s, which is not tried: write one of %s" . (join ", " (sortAlpha $known))) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (eq .Values.mode "split") (not .Values.logs.claim) }}
{{- fail "mode is split, and logs.claim is empty: web shows the logs that workers write, so name a ReadWriteMany claim that both mount, or take mode single" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.enabled is true, and ingress.host is empty: write the name in publicUrl" }}
{{- end }}
{{- if and .Values.web.autoscaling.enabled (gt (int .Values.web.autoscaling.minReplicas) (int .Values.web.autoscaling.maxReplicas)) }}
{{- fail "web.autoscaling.minReplicas is above maxReplicas" }}
{{- end }}
{{- end }}
