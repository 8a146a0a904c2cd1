/** What every object has. */
export interface Metadata {
  readonly name: string;
  /** Left to whoever applies it when absent. */
  readonly namespace?: string;
  readonly labels: Labels;
  readonly annotations?: Labels;
}

/** Labels or annotations. */
export type Labels = { readonly [key: string]: string };

/** An object of the Kubernetes API, with the fields that are used here and no others. */
export type Manifest =
  | SecretManifest
  | ServiceAccountManifest
  | DeploymentManifest
  | ServiceManifest
  | NetworkPolicyManifest
  | CronJobManifest
  | IngressManifest;

/** `v1` Secret. */
export interface SecretManifest {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly metadata: Metadata;
  readonly type: "Opaque";
  /** Base64. Never `stringData`: under server-side apply a key left out of that stays for ever. */
  readonly data: Labels;
}

/** `v1` ServiceAccount. */
export interface ServiceAccountManifest {
  readonly apiVersion: "v1";
  readonly kind: "ServiceAccount";
  readonly metadata: Metadata;
  readonly automountServiceAccountToken: false;
}

/** `apps/v1` Deployment. */
export interface DeploymentManifest {
  readonly apiVersion: "apps/v1";
  readonly kind: "Deployment";
  readonly metadata: Metadata;
  readonly spec: {
    readonly replicas: number;
    readonly revisionHistoryLimit: number;
    readonly progressDeadlineSeconds: number;
    readonly strategy: {
      readonly type: "RollingUpdate";
      readonly rollingUpdate: { readonly maxUnavailable: number; readonly maxSurge: number };
    };
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
      readonly spec: PodSpec;
    };
  };
}

/** `v1` Service. */
export interface ServiceManifest {
  readonly apiVersion: "v1";
  readonly kind: "Service";
  readonly metadata: Metadata;
  readonly spec: {
    readonly type: "ClusterIP";
    readonly selector: Labels;
    readonly ports: readonly {
      readonly name: string;
      readonly port: number;
      readonly targetPort: string;
      readonly protocol: "TCP";
    }[];
  };
}

/** `batch/v1` CronJob. */
export interface CronJobManifest {
  readonly apiVersion: "batch/v1";
  readonly kind: "CronJob";
  readonly metadata: Metadata;
  readonly spec: {
    readonly schedule: string;
    readonly timeZone: string;
    readonly concurrencyPolicy: "Forbid" | "Allow" | "Replace";
    readonly startingDeadlineSeconds: number;
    readonly successfulJobsHistoryLimit: number;
    readonly failedJobsHistoryLimit: number;
    readonly jobTemplate: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly backoffLimit: number;
        readonly activeDeadlineSeconds: number;
        readonly ttlSecondsAfterFinished: number;
        readonly template: {
          readonly metadata: { readonly labels: Labels };
          readonly spec: PodSpec;
        };
      };
    };
  };
}

/** `networking.k8s.io/v1` NetworkPolicy. */
export interface NetworkPolicyManifest {
  readonly apiVersion: "networking.k8s.io/v1";
  readonly kind: "NetworkPolicy";
  readonly metadata: Metadata;
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Labels };
    readonly policyTypes: readonly ("Ingress" | "Egress")[];
    readonly ingress: readonly {
      readonly from: readonly Peer[];
      readonly ports: readonly PolicyPort[];
    }[];
    readonly egress?: readonly EgressRule[];
  };
}

/** Where a connection may go: to any of the peers, or anywhere without `to`, on any of the ports. */
export interface EgressRule {
  readonly to?: readonly Peer[];
  readonly ports: readonly PolicyPort[];
}

/** The other end of a connection. */
export type Peer =
  | { readonly podSelector: { readonly matchLabels: Labels } }
  | { readonly namespaceSelector: { readonly matchLabels?: Labels } }
  | { readonly ipBlock: { readonly cidr: string; readonly except?: readonly string[] } };

/** A port of a policy. */
export interface PolicyPort {
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

/** `networking.k8s.io/v1` Ingress. */
export interface IngressManifest {
  readonly apiVersion: "networking.k8s.io/v1";
  readonly kind: "Ingress";
  readonly metadata: Metadata;
  readonly spec: {
    readonly ingressClassName?: string;
    readonly tls: readonly { readonly hosts: readonly string[]; readonly secretName: string }[];
    readonly rules: readonly {
      readonly host: string;
      readonly http: {
        readonly paths: readonly {
          readonly path: string;
          readonly pathType: "Prefix";
          readonly backend: {
            readonly service: { readonly name: string; readonly port: { readonly name: string } };
          };
        }[];
      };
    }[];
  };
}

/** What a pod of ours is made of. */
export interface PodSpec {
  readonly runtimeClassName?: string;
  readonly restartPolicy?: "Never";
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: false;
  readonly enableServiceLinks: false;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsNonRoot: true;
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly fsGroup?: number;
    readonly seccompProfile: { readonly type: "RuntimeDefault" };
  };
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

/** A container of a pod. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: "IfNotPresent";
  readonly command?: readonly string[];
  readonly ports?: readonly {
    readonly name: string;
    readonly containerPort: number;
    readonly protocol: "TCP";
  }[];
  readonly securityContext: {
    readonly readOnlyRootFilesystem: true;
    readonly allowPrivilegeEscalation: false;
    readonly capabilities: { readonly drop: readonly ["ALL"] };
  };
  readonly resources: { readonly requests: Labels; readonly limits: Labels };
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: true;
  }[];
}

/** How the kubelet asks whether a container is well. */
export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

/** A volume of a pod. */
export type Volume =
  | { readonly name: string; readonly emptyDir: { readonly sizeLimit: string } }
  | {
    readonly name: string;
    readonly secret: {
      readonly secretName: string;
      readonly optional: true;
      readonly defaultMode: number;
    };
  };
