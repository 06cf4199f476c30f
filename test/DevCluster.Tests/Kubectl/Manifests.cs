namespace Granary.DevCluster.Tests.Kubectl;

internal static class Manifests
{
    public const string GadgetDefinition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: gadgets.vec.example.com}
        spec:
          group: vec.example.com
          scope: Namespaced
          names: {plural: gadgets, singular: gadget, kind: Gadget, shortNames: [gd], categories: [all]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns:
            - {name: Size, type: integer, jsonPath: .spec.size}
            - {name: Phase, type: string, jsonPath: .status.phase}
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    description: Wished state.
                    required: [size]
                    properties:
                      size: {type: integer, minimum: 1, description: How many.}
                      mode: {type: string, enum: [A, B], default: A}
                      parts:
                        type: array
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [name]
                        items:
                          type: object
                          required: [name]
                          properties: {name: {type: string}, weight: {type: integer}}
                  status:
                    type: object
                    properties: {phase: {type: string}}
        """;

    public const string Gadget = """
        apiVersion: vec.example.com/v1
        kind: Gadget
        metadata: {name: g}
        spec: {size: 2}
        """;

    public const string CronJob = """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: cj}
        spec:
          schedule: "0 3 * * *"
          jobTemplate:
            spec:
              template:
                spec:
                  restartPolicy: Never
                  containers:
                  - name: c
                    image: i
                    args: [one, two]
                    env:
                    - {name: A, value: b}
                    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                    volumeMounts:
                    - {name: work, mountPath: /work}
                  volumes:
                  - {name: work, emptyDir: {}}
                  - {name: keys, secret: {secretName: s, items: [{key: a, path: b}]}}
        """;

    public const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, labels: {app: x}}
        spec:
          containers:
          - {name: c, image: "i:1"}
        """;
}
