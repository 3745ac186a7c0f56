{{- /* Not empty where the server is given pools, in place of one namespace for everything. */ -}}
{{- define "sluice.hasPools" -}}
{{- $own := "" }}
{{- range .Values.builds.namespaces }}
{{- if or .nodeSelector .tolerations .runtimeClass .priorityClass .architectures .byName .atOnce (kindIs "bool" .hostUsers) }}{{ $own = "yes" }}{{ end }}
{{- end }}
{{- if or $own .Values.builds.otherClusters (gt (len .Values.builds.namespaces) 1) }}yes{{ end }}
{{- end }}

{{- /* The list that SLUICE_POOLS names, as JSON: other clusters first, as they are there for what they alone have. */ -}}
{{- define "sluice.pools" -}}
{{- $given := list }}
{{- range .Values.builds.otherClusters }}
{{- $given = append $given (set (deepCopy .) "kubeconfig" (printf "%s/%s" .kubeconfig.secret .kubeconfig.key)) }}
{{- end }}
{{- range .Values.builds.namespaces }}
{{- $said := pick . "trust" "architectures" "nodeSelector" "tolerations" "runtimeClass" "hostUsers" "priorityClass" "byName" "atOnce" }}
{{- $given = append $given (merge (dict "name" .name "namespace" .name) $said) }}
{{- end }}
{{- $pools := list }}
{{- range $given }}
{{- $pool := dict }}
{{- range $key, $value := . }}
{{- if or $value (eq $key "hostUsers" | and (kindIs "bool" $value)) }}{{ $pool = set $pool $key $value }}{{ end }}
{{- end }}
{{- $pools = append $pools $pool }}
{{- end }}
{{- toJson $pools }}
{{- end }}

{{- define "sluice.refusePools" -}}
{{- $pools := include "sluice.pools" . | fromJsonArray }}
{{- $taken := list }}{{ $open := list }}{{ $names := list }}
{{- range $pools }}
{{- if has .name $names }}
{{- fail (printf "builds.namespaces and builds.otherClusters name %s twice: give one of them another name" .name) }}
{{- end }}
{{- $names = append $names .name }}
{{- if not .byName }}{{ $taken = concat $taken .trust }}{{ end }}
{{- if has "untrusted" .trust }}{{ $open = append $open .name }}{{ end }}
{{- end }}
{{- range $class := list "untrusted" "approved" "trusted" }}
{{- if not (has $class $taken) }}
{{- fail (printf "no entry of builds.namespaces takes %s code that names no pool: write %s into the trust of one" $class $class) }}
{{- end }}
{{- end }}
{{- if and .Values.builds.isolation.enabled (gt (len $open) 1) }}
{{- fail (printf "builds.isolation is enabled, and %s take untrusted code: the canary proves one place, so let one of them take it" (join " and " $open)) }}
{{- end }}
{{- end }}
