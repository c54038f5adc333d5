"""`./run faults`: campaigns in their long form. What they do is added to bench/records/faults.json as they go."""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from .support.campaign import Campaign, Limit, Work, all_campaigns
from .support.record import FILE, Recorder, read

SAVE_EVERY = 30.0  # seconds


def parse(campaigns: dict[str, Campaign]) -> argparse.Namespace:
    names = "\n".join(f"  {c.name:16} {c.fault}" for c in campaigns.values())
    parser = argparse.ArgumentParser(
        prog="./run faults",
        description="Injects faults into real processes and checks that nothing is lost.\n\ncampaigns:\n" + names,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("campaign", nargs="*", help="which ones (default: all)")
    parser.add_argument("--rounds", type=int, help="so many more rounds (default: what the record still lacks)")
    parser.add_argument("--seconds", type=float, help="for so long")
    parser.add_argument("--seed", type=int, help="what random choices depend on (default: another one each time)")
    parser.add_argument("--record", type=Path, default=FILE, help="the file that adds up")
    parser.add_argument("--list", action="store_true", help="show the record and end")
    options = parser.parse_args()
    for name in options.campaign:
        if name not in campaigns:
            parser.error(f"no campaign {name}; there are: {' '.join(campaigns)}")
    return options


def limit_of(campaign: Campaign, options: argparse.Namespace) -> Limit:
    if options.rounds is not None or options.seconds is not None:
        return Limit(options.rounds, options.seconds)
    record, wanted = read(options.record).get(campaign.name, {"rounds": 0, "history": []}), campaign.long
    if wanted.rounds is not None:
        return Limit(max(0, wanted.rounds - record["rounds"]), wanted.seconds)
    return Limit(None, max(0.0, wanted.seconds - sum(line["seconds"] for line in record["history"])))


def run(campaign: Campaign, options: argparse.Namespace) -> bool:
    limit = limit_of(campaign, options)
    if limit.rounds == 0 or limit.seconds == 0:
        say(f"{campaign.name}: the record has all that a release needs; --rounds N or --seconds N adds more")
        return True
    seed = random.SystemRandom().getrandbits(32) if options.seed is None else options.seed
    folder = Path(tempfile.mkdtemp(prefix=f"headrace-{campaign.name}-"))
    work = Work(folder, limit, seed=seed, say=lambda text: say(f"{campaign.name}: {text}"))
    recorder, saved = Recorder(campaign, work, options.record), time.monotonic()

    def on_progress() -> None:
        nonlocal saved
        if time.monotonic() - saved > SAVE_EVERY:
            recorder.save()
            saved = time.monotonic()
            say(f"{campaign.name}: {work.rounds:,} {campaign.unit} in {work.seconds:,.0f} s")

    work.on_progress = on_progress
    say(f"{campaign.name}: {campaign.fault} (seed {seed})")
    try:
        campaign.run(work)
    except KeyboardInterrupt:
        recorder.save()
        raise
    except BaseException as error:
        recorder.save(failure=f"{type(error).__name__}: {error}".splitlines()[0][:300])
        traceback.print_exc()
        say(f"{campaign.name}: FAILED in round {work.rounds + 1} of seed {seed}; what was left is in {folder}")
        return False
    recorder.save()
    shutil.rmtree(folder, ignore_errors=True)
    counts = "".join(f", {number:,} {name.replace('_', ' ')}" for name, number in work.counts.items())
    say(f"{campaign.name}: {work.rounds:,} {campaign.unit}, 0 failures, {work.seconds:,.0f} s{counts}")
    return True


def show(record_file: Path) -> None:
    for name, record in read(record_file).items():
        last = record["history"][-1]
        done = f"{record['rounds']:,} {record['unit']}, {record['failures']} failures"
        say(f"{name}: {done}; last {last['date']} at {last['commit']}")


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    campaigns = all_campaigns()
    options = parse(campaigns)
    if options.list:
        show(options.record)
        return 0
    for number in (signal.SIGINT, signal.SIGTERM):  # in the background of a shell the first would be ignored
        signal.signal(number, signal.default_int_handler)
    good = [run(campaigns[name], options) for name in options.campaign or campaigns]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
