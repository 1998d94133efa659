# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trap `words`: an instance whose language is not English."""

from __future__ import annotations

import re

JAPANESE = "ja"

# FIDELITY(documented; CR24 SYS.Mirror): role, status and the two display columns of MemberStatusList are localised;
#   GetStatus, GetMemberStatus and GetMemberType of %SYSTEM.Mirror are not
# FIDELITY(observed; SIMPLE): the latency columns are localised as well; seen in Japanese
# FIDELITY(assumed): status and latency in the lists of mirrored databases are localised, too
# FIDELITY(assumed): the Japanese words
WORDS = {
    "Primary": "プライマリ",
    "Backup": "バックアップ",
    "Async": "非同期",
    "Unknown": "不明",
    "Failover": "フェイルオーバー",
    "Disaster Recovery": "災害復旧",
    "Read-Only Reporting": "読み取り専用レポート",
    "Read-Write Reporting": "読み書きレポート",
    "Indeterminate": "未確定",
    "Not Member": "メンバではありません",
    "Active": "アクティブ",
    "Restart": "再起動",
    "Trouble": "トラブル",
    "In Trouble": "トラブル中",
    "Recovery": "リカバリ",
    "Deciding": "決定中",
    "Exit": "終了",
    "Inactive": "非アクティブ",
    "Catchup": "キャッチアップ",
    "Down": "停止",
    "Not Initialized": "未初期化",
    "Connected": "接続済み",
    "Transition": "遷移",
    "Synchronizing": "同期中",
    "Waiting": "待機中",
    "Stopped": "停止済み",
    "Crashed": "クラッシュ",
    "Error": "エラー",
    "N/A": "該当なし",
    "Caught up": "キャッチアップ済み",
    "Normal": "正常",
    "Dejournaling": "デジャーナル中",
    "Needs Catchup": "キャッチアップが必要",
    "Needs Activation": "有効化が必要",
    "Catchup Running": "キャッチアップ実行中",
    "Needs Download": "ダウンロードが必要",
    "Downloading": "ダウンロード中",
    "Dejournaling Stopped": "デジャーナル停止",
    "Database Dismounted": "データベースはディスマウントされています",
    "Orphaned": "孤立",
    "Obsolete": "廃止",
    "NeedCatchup": "要キャッチアップ",
    "NeedActivation": "要有効化",
}
_SENTENCES = (
    (re.compile(r"(\d+) seconds behind\Z"), r"\1 秒遅れ"),
    (re.compile(r"Disconnected on (.+)\Z"), r"\1 に切断"),
    (re.compile(r"(\d+/\d+) Connected\Z"), r"\1 接続済み"),
)
_OTHER = "表示"


class Words:
    """Translates what is only for people."""

    def __init__(self, on: bool) -> None:
        self.language = JAPANESE if on else ""

    def say(self, text: str) -> str:
        """A display text in the language of the instance; one without a translation is at least not the English one."""
        if not self.language or not text:
            return text
        for pattern, replacement in _SENTENCES:
            if pattern.match(text):
                return pattern.sub(replacement, text)
        return WORDS.get(text, f"{_OTHER}: {text}")
