{{- /* The pod of one role; called with { root, role, part }, part being web or worker in values. */ -}}
{{- define "sluice.deployment" -}}
{{- $values := .root.Values }}
{{- $name := include "sluice.name" .root }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}-{{ .role }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "sluice.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  {{- if not (and (eq .role "web") $values.web.autoscaling.enabled) }}
  replicas: {{ eq .role "all" | ternary 1 (int .sizes.replicas) }}
  {{- end }}
  {{- if and (eq .role "all") $values.logs.claim }}
  # A ReadWriteOnce volume is not given to the new one, perhaps on another node, before the old one is gone.
  strategy: { type: Recreate }
  {{- else }}
  # The new one is ready before the old one ends.
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  {{- end }}
  selector:
    matchLabels:
      {{- include "sluice.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .role }}
  template:
    metadata:
      labels:
        {{- include "sluice.labels" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
      annotations:
        sluice.dev/settings: {{ print (include (print .root.Template.BasePath "/settings.yaml") .root) (include (print .root.Template.BasePath "/pools.yaml") .root) | sha256sum }}
    spec:
      {{- include "sluice.podSpec" . | nindent 6 }}
{{- end }}

{{- define "sluice.podSpec" -}}
{{- $values := .root.Values }}
{{- $works := ne .role "web" }}
{{- $hasPools := and $works (include "sluice.hasPools" .root) }}
serviceAccountName: {{ include "sluice.name" .root }}-{{ $works | ternary "worker" "web" }}
automountServiceAccountToken: {{ $works }}
# Variables that a Service named sluice would bring begin with SLUICE_ too.
enableServiceLinks: false
# Sluice ends within five seconds; builds go on and are found again.
terminationGracePeriodSeconds: 30
securityContext:
  {{- include "sluice.podSecurity" 65532 | nindent 2 }}
{{- with $values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- if gt (int .sizes.replicas) 1 }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "sluice.selector" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
{{- end }}
containers:
  - name: sluice
    image: {{ include "sluice.image" .root }}
    imagePullPolicy: {{ $values.image.pullPolicy }}
    args:
      - serve
      - --role={{ .role }}
      - --host=0.0.0.0
      - --port=3000
      - --data=/data
      {{- with $values.publicUrl }}
      - --public-url={{ . }}
      {{- end }}
      {{- if $works }}
      - --executor=kubernetes
      {{- end }}
    envFrom:
      - configMapRef: { name: {{ include "sluice.name" .root }}-settings }
    env:
      {{- include "sluice.secretEnvironment" .root | nindent 6 }}
      {{- if and $works $values.builds.isolation.enabled }}
      {{- include "sluice.isolationEnvironment" .root | nindent 6 }}
      {{- end }}
      {{- if $hasPools }}
      - { name: SLUICE_POOLS, value: /etc/sluice/pools/pools.yaml }
      {{- end }}
      {{- if and $works $values.registries }}
      - { name: SLUICE_REGISTRIES, value: /etc/sluice/registries/registries.yaml }
      {{- end }}
    ports:
      {{- if ne .role "worker" }}
      - { name: http, containerPort: 3000 }
      {{- end }}
      - { name: health, containerPort: 3001 }
    # It waits 90 s for Redis, and who works for the cluster too, to answer, and listens then.
    startupProbe: { httpGet: { path: /healthz, port: health }, periodSeconds: 2, failureThreshold: 60 }
    livenessProbe: { httpGet: { path: /healthz, port: health }, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 }
    readinessProbe: { httpGet: { path: /readyz, port: health }, periodSeconds: 5, timeoutSeconds: 5 }
    {{- if ne .role "worker" }}
    # So that no delivery is still sent here when it stops listening.
    lifecycle: { preStop: { sleep: { seconds: 5 } } }
    {{- end }}
    securityContext:
      {{- include "sluice.containerSecurity" . | nindent 6 }}
    resources: {{ toJson .sizes.resources }}
    volumeMounts:
      - { name: tmp, mountPath: /tmp }
      - { name: data, mountPath: /data }
      - { name: logs, mountPath: /data/logs{{ if eq .role "web" }}, readOnly: true{{ end }} }
      {{- if eq $values.secrets.app.form "file" }}
      - { name: app, mountPath: /data/app.json, subPath: app.json, readOnly: true }
      {{- else }}
      - { name: app, mountPath: /etc/sluice/app, readOnly: true }
      {{- end }}
      {{- if $hasPools }}
      - { name: pools, mountPath: /etc/sluice/pools, readOnly: true }
      {{- end }}
      {{- if and $works $values.registries }}
      - { name: registries, mountPath: /etc/sluice/registries, readOnly: true }
      {{- end }}
volumes:
  {{- if $hasPools }}
  - name: pools
    projected:
      defaultMode: 0440
      sources:
        - configMap: { name: {{ include "sluice.name" .root }}-pools }
        {{- range $values.builds.otherClusters }}
        - secret:
            name: {{ .kubeconfig.secret }}
            items: [ { key: {{ .kubeconfig.key }}, path: {{ .kubeconfig.secret }}/{{ .kubeconfig.key }} } ]
        {{- end }}
  {{- end }}
  - { name: tmp, emptyDir: {} }
  - { name: data, emptyDir: {} }
  {{- if $values.logs.claim }}
  - { name: logs, persistentVolumeClaim: { claimName: {{ $values.logs.claim }} } }
  {{- else }}
  - { name: logs, emptyDir: {} }
  {{- end }}
  - name: app
    secret:
      secretName: {{ $values.secrets.app.name }}
      defaultMode: 0440
      items:
        {{- if eq $values.secrets.app.form "file" }}
        - { key: {{ $values.secrets.app.file }}, path: app.json }
        {{- else }}
        - { key: {{ $values.secrets.app.privateKey }}, path: private-key.pem }
        {{- end }}
  {{- if and $works $values.registries }}
  - name: registries
    projected:
      defaultMode: 0440
      sources:
        - configMap: { name: {{ include "sluice.name" .root }}-registries }
        {{- range (include "sluice.registrySecrets" .root | fromJsonArray) }}
        - secret:
            name: {{ . }}
            items: [ { key: .dockerconfigjson, path: {{ . }}.json } ]
        {{- end }}
  {{- end }}
{{- end }}

{{- define "sluice.registrySecrets" -}}
{{- $names := list }}
{{- range .Values.registries }}
{{- with .from }}{{ $names = append $names .secret }}{{ end }}
{{- end }}
{{- $names | uniq | toJson }}
{{- end }}

{{- define "sluice.secretEnvironment" -}}
{{- with .Values.secrets }}
{{- if eq .app.form "keys" }}
- { name: SLUICE_APP_ID, valueFrom: { secretKeyRef: { name: {{ .app.name }}, key: {{ .app.id }} } } }
- { name: SLUICE_WEBHOOK_SECRETS, valueFrom: { secretKeyRef: { name: {{ .app.name }}, key: {{ .app.webhookSecrets }} } } }
- { name: SLUICE_PRIVATE_KEY_FILE, value: /etc/sluice/app/private-key.pem }
- { name: SLUICE_GITHUB_URL, value: {{ .app.github | quote }} }
{{- end }}
- { name: SLUICE_LEDGER_KEY, valueFrom: { secretKeyRef: { name: {{ .ledgerKey.name }}, key: {{ .ledgerKey.key }} } } }
- { name: SLUICE_LOG_KEY, valueFrom: { secretKeyRef: { name: {{ .logKey.name }}, key: {{ .logKey.key }} } } }
{{- if $.Values.redis.trial.enabled }}
- { name: REDIS_PASSWORD, valueFrom: { secretKeyRef: { name: {{ .redisPassword.name }}, key: {{ .redisPassword.key }} } } }
# The kubelet puts the password in.
- { name: REDIS_URL, value: "redis://:$(REDIS_PASSWORD)@{{ include "sluice.name" $ }}-redis:6379" }
{{- else }}
- { name: REDIS_URL, valueFrom: { secretKeyRef: { name: {{ .redisUrl.name }}, key: {{ .redisUrl.key }} } } }
{{- end }}
{{- end }}
{{- end }}

{{- /* Kubernetes puts the addresses in: those of the API server and of the node are known only where the pod runs. */ -}}
{{- define "sluice.isolationEnvironment" -}}
{{- with .Values.builds.isolation }}
{{- $targets := list }}
{{- if .pod }}{{ $targets = append $targets "pod" }}{{ end }}
{{- if .apiServer }}{{ $targets = append $targets "api-server=$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)" }}{{ end }}
{{- if .kubelet }}{{ $targets = append $targets "kubelet=$(NODE_ADDRESS):10250" }}{{ end }}
{{- with .metadata }}{{ $targets = append $targets (printf "metadata=%s" .) }}{{ end }}
{{- if and $.Values.redis.trial.enabled $.Values.builds.network.dns.enabled }}
{{- $targets = append $targets (printf "redis=%s-redis.%s.svc:6379" (include "sluice.name" $) $.Release.Namespace) }}
{{- end }}
{{- range $name, $address := .targets }}{{ $targets = append $targets (printf "%s=%s" $name $address) }}{{ end }}
- { name: SLUICE_ISOLATION, value: prove }
{{- if .kubelet }}
- { name: NODE_ADDRESS, valueFrom: { fieldRef: { fieldPath: status.hostIP } } }
{{- end }}
- { name: SLUICE_ISOLATION_TARGETS, value: {{ join " " $targets | quote }} }
{{- with .accepted }}
- { name: SLUICE_ISOLATION_ACCEPTED, value: {{ join " " . | quote }} }
{{- end }}
{{- with .control }}
- { name: SLUICE_ISOLATION_CONTROL, value: {{ . | quote }} }
{{- end }}
{{- end }}
{{- end }}
