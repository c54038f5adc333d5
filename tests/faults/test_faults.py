"""Each campaign in its short form."""

from __future__ import annotations

import pytest

from .support.campaign import Campaign, Work, all_campaigns


@pytest.mark.parametrize("campaign", [c for c in all_campaigns().values() if c.short], ids=lambda c: c.name)
def test_campaign(campaign: Campaign, tmp_path):
    work = Work(tmp_path, campaign.short, is_short=True)
    campaign.run(work)
    assert work.rounds > 0
    is_all_done = campaign.short.rounds is None or work.rounds >= campaign.short.rounds
    is_time_up = campaign.short.seconds is not None and work.seconds >= campaign.short.seconds
    assert is_all_done or is_time_up
