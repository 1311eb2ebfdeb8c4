"""A comparison as an aligned table."""
# Above this share of the CPUs, other programs are mentioned.
QUIET = 0.05
LABELS = ("engine", "ms a step", "least", "p10", "p90", "SQNR", "version")


def lines(result: dict) -> list[str]:
    threads = result["threads"]
    table = [LABELS]
    for row in result["engines"]:
        fidelity = "" if row["sqnr_db"] is None else f"{row['sqnr_db']:.1f} dB"
        times = (f"{row[key]:.3f}" for key in ("ms_per_step", "least", "p10", "p90"))
        table.append((row["engine"], *times, fidelity, row["version"]))
    widths = [max(map(len, column)) for column in zip(*table)]
    own = result["spindrift"]
    output = [
        f"{result['model']}, {threads} {'thread' if threads == 1 else 'threads'}, {result['rounds']} rounds, "
        f"{own['multiply_adds_per_step'] / 1e6:.0f} M multiply-adds a step"]
    for first, *figures, last in table:
        aligned = "  ".join(figure.rjust(width) for figure, width in zip(figures, widths[1:-1]))
        output.append(f"  {first:{widths[0]}}  {aligned}  {last}")
    output.append(f"  Spindrift's kernels: {own['kernel']}, {100 * own['share_of_peak']:.0f} % of their peak")
    fastest = result["fastest_int8_peer"]
    if fastest:
        output.append(
            f"  fastest int8 peer: {fastest['engine']}, {fastest['time_over_spindrift']:.2f} times Spindrift's time "
            f"(p10 {fastest['p10']:.2f}, p90 {fastest['p90']:.2f} of the rounds; "
            f"{fastest['of_least_times']:.2f} of the least times)")
    else:
        output.append("  no int8 peer was measured")
    if result["other_load"] > QUIET:
        output.append(
            f"  NOT IDLE: other programs used {100 * result['other_load']:.0f} % of the CPUs meanwhile, "
            "which slows long steps more than short ones")
    output += [f"  NOT MEASURED: {name}: {reason}" for name, reason in result["missing"].items()]
    return output
