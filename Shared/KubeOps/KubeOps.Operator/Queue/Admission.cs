namespace KubeOps.Operator.Queue;

/// <summary>What becomes of a due entry.</summary>
internal enum AdmissionDecision
{
    /// <summary>It runs now.</summary>
    Enter,

    /// <summary>No slot is free: neither for this entry nor for a later one.</summary>
    Full,

    /// <summary>Its object is being reconciled; it keeps its place.</summary>
    Wait,

    /// <summary>Its object is being reconciled; it is dropped.</summary>
    Drop,

    /// <summary>Its object is being reconciled; it comes back after a delay.</summary>
    Postpone,
}

/// <summary>A decision, with the delay of <see cref="AdmissionDecision.Postpone" />.</summary>
internal readonly record struct Admission(AdmissionDecision Decision, TimeSpan Delay = default);
