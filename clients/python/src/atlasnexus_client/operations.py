"""Every operation of the API, from its description by generate.py: changed there, never here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from atlasnexus_client import shapes
from atlasnexus_client.core import Core, Left, Of, Upload, etag_of, given, listing, path_of, verb
from atlasnexus_client.plans import Items, Plan


class Operations(Core):
    """Every operation of the API by its name.

    What is about a thing takes its code, or the thing as it was answered. Whatever writes may be given the key under which it
    is done once; without one it makes its own.
    """

    @verb
    def list_asset_classes(self) -> Plan[shapes.AssetClassList]:
        """Lists the asset classes."""
        return self._call("GET", path_of("asset-classes"))

    @verb
    def add_asset_class(self, *, code: str, name: str, idempotency_key: str = "") -> Plan[shapes.AssetClassShown]:
        """Adds an asset class, for projects and rating rules to be of."""
        return self._call("POST", path_of("asset-classes"), body=given(code=code, name=name), key=idempotency_key)

    @listing
    def list_audit_entries(
        self, *, action: str | Left = Left.OUT, target: Of | Left = Left.OUT, page_size: int | Left = Left.OUT
    ) -> Items[shapes.Entry]:
        """Lists the audit trail, the latest first. For administrators."""
        return self._pages(path_of("audit"), query=given(action=action, target=target, limit=page_size))

    @verb
    def read_basket(self, code: Of) -> Plan[shapes.BasketShown]:
        """Reads a basket."""
        return self._call("GET", path_of("clo-baskets", code))

    @verb
    def set_trades(
        self, code: Of, *, trades: Sequence[shapes.TradeShownRequest], idempotency_key: str = ""
    ) -> Plan[shapes.BasketShown]:
        """Sets the trades of a draft."""
        return self._call("PUT", path_of("clo-baskets", code), body=given(trades=trades), key=idempotency_key)

    @verb
    def approve_basket(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.BasketShown]:
        """Approves a basket; who made it may not."""
        return self._call(
            "POST", path_of("clo-baskets", code, "approve"), body=given(reason=reason), key=idempotency_key
        )

    @verb
    def book_basket(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.DealPoolShown]:
        """Books an approved basket: its trades make the next pool."""
        return self._call("POST", path_of("clo-baskets", code, "book"), key=idempotency_key)

    @verb
    def read_basket_changes(self, code: Of) -> Plan[shapes.TriedShown]:
        """Reads every test before and after a basket."""
        return self._call("GET", path_of("clo-baskets", code, "changes"))

    @verb
    def reject_basket(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.BasketShown]:
        """Sends a basket back, with the reason."""
        return self._call(
            "POST", path_of("clo-baskets", code, "reject"), body=given(reason=reason), key=idempotency_key
        )

    @verb
    def search_candidates(
        self,
        code: Of,
        *,
        side: shapes.SideEnum | Left = Left.OUT,
        par: str | Left = Left.OUT,
        weights: dict[str, str] | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.Candidates]:
        """Tries every candidate on top of a basket and ranks them. Nothing is kept."""
        return self._call(
            "POST",
            path_of("clo-baskets", code, "search"),
            body=given(side=side, par=par, weights=weights),
            key=idempotency_key,
        )

    @verb
    def submit_basket(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.BasketShown]:
        """Sends a basket to a second person; refused where it breaks a test or the cash."""
        return self._call("POST", path_of("clo-baskets", code, "submit"), key=idempotency_key)

    @listing
    def list_clo_deals(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.DealShown]:
        """Lists CLO deals."""
        return self._pages(path_of("clo-deals"), query=given(limit=page_size))

    @verb
    def read_clo_deal(self, code: Of) -> Plan[shapes.DealShown]:
        """Reads a deal."""
        return self._call("GET", path_of("clo-deals", code))

    @verb
    def set_clo_after_default(
        self, code: Of, *, accelerates: bool, idempotency_key: str = ""
    ) -> Plan[shapes.DealShown]:
        """Says how payments go on after an event of default."""
        return self._call(
            "PUT", path_of("clo-deals", code, "after-default"), body=given(accelerates=accelerates), key=idempotency_key
        )

    @listing
    def list_baskets(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.BasketShown]:
        """Lists the baskets of a deal."""
        return self._pages(path_of("clo-deals", code, "baskets"), query=given(limit=page_size))

    @verb
    def make_basket(
        self,
        code: Of,
        *,
        name: str,
        trades: Sequence[shapes.TradeShownRequest] | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.BasketShown]:
        """Makes a basket on the pool as it stands."""
        return self._call(
            "POST", path_of("clo-deals", code, "baskets"), body=given(name=name, trades=trades), key=idempotency_key
        )

    @verb
    def list_issued_notes(self, code: Of) -> Plan[shapes.IssuedNotes]:
        """Lists the classes of notes issued here that a deal may buy."""
        return self._call("GET", path_of("clo-deals", code, "notes"))

    @verb
    def take_issued_note(
        self, code: Of, *, note: str, cells: dict[str, str] | Left = Left.OUT, source: str, idempotency_key: str = ""
    ) -> Plan[shapes.DealPoolShown]:
        """Takes a class among the deal's candidates, for a basket to buy."""
        return self._call(
            "POST",
            path_of("clo-deals", code, "notes"),
            body=given(note=note, cells=cells, source=source),
            key=idempotency_key,
        )

    @listing
    def list_payments(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.PaymentShown]:
        """Lists the payment dates booked, the latest first."""
        return self._pages(path_of("clo-deals", code, "payments"), query=given(limit=page_size))

    @verb
    def book_payment(
        self,
        code: Of,
        *,
        benchmark: str | Left = Left.OUT,
        interest_collected: str | Left = Left.OUT,
        administrative_expenses: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.PaymentShown]:
        """Books the next payment date; balances and cash follow it."""
        return self._call(
            "POST",
            path_of("clo-deals", code, "payments"),
            body=given(
                benchmark=benchmark,
                interest_collected=interest_collected,
                administrative_expenses=administrative_expenses,
            ),
            key=idempotency_key,
        )

    @verb
    def read_next_payment(
        self,
        code: Of,
        *,
        administrative_expenses: str | Left = Left.OUT,
        benchmark: str | Left = Left.OUT,
        interest_collected: str | Left = Left.OUT,
    ) -> Plan[shapes.DueShown]:
        """Works out the next payment date, every step with its reason. Nothing is kept."""
        return self._call(
            "GET",
            path_of("clo-deals", code, "payments", "next"),
            query=given(
                administrative_expenses=administrative_expenses,
                benchmark=benchmark,
                interest_collected=interest_collected,
            ),
        )

    @listing
    def list_clo_pools(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.DealPoolShown]:
        """Lists the pools of a deal and its candidates, the latest first."""
        return self._pages(path_of("clo-deals", code, "pools"), query=given(limit=page_size))

    @verb
    def download_clo_report(
        self,
        code: Of,
        *,
        form: Literal["xlsx", "pdf"] | Left = Left.OUT,
        run: Of | Left = Left.OUT,
        saved: Of | Left = Left.OUT,
    ) -> Plan[bytes]:
        """Takes the report of a deal's tests away: a workbook with live formulas, or a PDF."""
        return self._download(path_of("clo-deals", code, "report"), query=given(form=form, run=run, saved=saved))

    @listing
    def list_clo_reports(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.SavedReportShown]:
        """Lists the reports kept of a deal."""
        return self._pages(path_of("clo-deals", code, "reports"), query=given(limit=page_size))

    @verb
    def save_clo_report(
        self,
        code: Of,
        *,
        name: str,
        sections: Sequence[shapes.SectionsEnum],
        columns: Sequence[shapes.ColumnsEnum] | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.SavedReportShown]:
        """Keeps a report under its name."""
        return self._call(
            "POST",
            path_of("clo-deals", code, "reports"),
            body=given(name=name, sections=sections, columns=columns),
            key=idempotency_key,
        )

    @listing
    def list_cash_scenarios(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.CashScenarioShown]:
        """Lists the scenarios of a deal."""
        return self._pages(path_of("clo-deals", code, "scenarios"), query=given(limit=page_size))

    @verb
    def save_cash_scenario(
        self, code: Of, *, name: str, terms: dict[str, Any] | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.CashScenarioShown]:
        """Keeps a scenario under its name."""
        return self._call(
            "POST", path_of("clo-deals", code, "scenarios"), body=given(name=name, terms=terms), key=idempotency_key
        )

    @listing
    def list_pool_simulations(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.PoolSimulationShown]:
        """Lists the simulations of a deal's pools."""
        return self._pages(path_of("clo-deals", code, "simulations"), query=given(limit=page_size))

    @verb
    def simulate_pool(
        self, code: Of, *, terms: dict[str, Any] | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.PoolSimulationShown]:
        """Simulates defaults of the pool as it stands; a worker does it."""
        return self._call(
            "POST", path_of("clo-deals", code, "simulations"), body=given(terms=terms), key=idempotency_key
        )

    @listing
    def list_tapes(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.TapeShown]:
        """Lists the tapes of a deal."""
        return self._pages(path_of("clo-deals", code, "tapes"), query=given(limit=page_size))

    @verb
    def upload_tape(
        self,
        code: Of,
        *,
        file: Upload,
        positions: Upload | Left = Left.OUT,
        sender: str | Left = Left.OUT,
        purpose: shapes.PoolPurpose | Left = Left.OUT,
        determination_date: date | str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.TapeDetailShown]:
        """Takes a tape in; nothing of it counts before it is applied."""
        return self._call("POST", path_of("clo-deals", code, "tapes"), upload=file, key=idempotency_key)

    @listing
    def list_test_runs(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.TestRunShown]:
        """Lists the tests taken of a deal, the latest first."""
        return self._pages(path_of("clo-deals", code, "tests"), query=given(limit=page_size))

    @listing
    def list_test_history(
        self, code: Of, index: int, *, page_size: int | Left = Left.OUT
    ) -> Items[shapes.PastTestShown]:
        """Lists one test by date, the latest first."""
        return self._pages(path_of("clo-deals", code, "tests", index, "history"), query=given(limit=page_size))

    @verb
    def try_trades(
        self, code: Of, *, trades: Sequence[shapes.TradeShownRequest], idempotency_key: str = ""
    ) -> Plan[shapes.TriedShown]:
        """Tries trades on the pool as it stands: every test before and after. Nothing is kept."""
        return self._call(
            "POST", path_of("clo-deals", code, "trades", "try"), body=given(trades=trades), key=idempotency_key
        )

    @listing
    def list_trustee_reports(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.TrusteeReportShown]:
        """Lists the trustee's files of a deal beside our figures."""
        return self._pages(path_of("clo-deals", code, "trustee-reports"), query=given(limit=page_size))

    @verb
    def compare_trustee(self, code: Of, *, file: Upload, idempotency_key: str = "") -> Plan[shapes.TrusteeReportShown]:
        """Compares a trustee's file with the latest tests."""
        return self._call("POST", path_of("clo-deals", code, "trustee-reports"), upload=file, key=idempotency_key)

    @verb
    def read_payment(self, code: Of) -> Plan[shapes.PaymentShown]:
        """Reads a payment date as it was booked."""
        return self._call("GET", path_of("clo-payments", code))

    @verb
    def read_clo_pool(self, code: Of) -> Plan[shapes.DealPoolDetail]:
        """Reads a pool with its assets."""
        return self._call("GET", path_of("clo-pools", code))

    @verb
    def apply_asset_edits(
        self,
        code: Of,
        *,
        assets: Sequence[str],
        edits: Sequence[shapes.AssetEditRequest],
        reason: str,
        idempotency_key: str = "",
    ) -> Plan[shapes.DealPoolShown]:
        """Applies edits of many assets as the deal's next pool; cells that are refused stay as they are."""
        return self._call(
            "POST",
            path_of("clo-pools", code, "edits"),
            body=given(assets=assets, edits=edits, reason=reason),
            key=idempotency_key,
        )

    @verb
    def try_asset_edits(
        self, code: Of, *, assets: Sequence[str], edits: Sequence[shapes.AssetEditRequest], idempotency_key: str = ""
    ) -> Plan[shapes.EditsTriedShown]:
        """Tries edits of many assets of a pool. Nothing is kept."""
        return self._call(
            "POST",
            path_of("clo-pools", code, "edits", "try"),
            body=given(assets=assets, edits=edits),
            key=idempotency_key,
        )

    @verb
    def read_cash_scenario(self, code: Of) -> Plan[shapes.CashScenarioShown]:
        """Reads a scenario."""
        return self._call("GET", path_of("clo-scenarios", code))

    @verb
    def delete_cash_scenario(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a scenario."""
        return self._call("DELETE", path_of("clo-scenarios", code), key=idempotency_key)

    @verb
    def run_cash_scenario(self, code: Of) -> Plan[shapes.OutcomeShown]:
        """Runs a scenario to the deal's end on the pool as it stands."""
        return self._call("GET", path_of("clo-scenarios", code, "outcome"))

    @verb
    def read_pool_simulation(self, code: Of) -> Plan[shapes.PoolSimulationShown]:
        """Reads a simulation; its progress is that of the job of the same code."""
        return self._call("GET", path_of("clo-simulations", code))

    @verb
    def read_tape(self, code: Of) -> Plan[shapes.TapeDetailShown]:
        """Reads a tape with its problems and what it would change."""
        return self._call("GET", path_of("clo-tapes", code))

    @verb
    def apply_tape(
        self,
        code: Of,
        *,
        principal_cash: str | Left = Left.OUT,
        interest_cash: str | Left = Left.OUT,
        fx: dict[str, str] | Left = Left.OUT,
        index_rates: dict[str, str] | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.DealPoolShown]:
        """Makes a tape the next pool and takes its tests: every row, or nothing while one is refused."""
        return self._call(
            "POST",
            path_of("clo-tapes", code, "apply"),
            body=given(principal_cash=principal_cash, interest_cash=interest_cash, fx=fx, index_rates=index_rates),
            key=idempotency_key,
        )

    @verb
    def mend_tape(
        self, code: Of, *, cells: Sequence[shapes.NewCellRequest], idempotency_key: str = ""
    ) -> Plan[shapes.TapeDetailShown]:
        """Mends cells; what stood there is kept."""
        return self._call("POST", path_of("clo-tapes", code, "cells"), body=given(cells=cells), key=idempotency_key)

    @verb
    def discard_tape(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.TapeDetailShown]:
        """Puts a tape away."""
        return self._call("POST", path_of("clo-tapes", code, "discard"), key=idempotency_key)

    @verb
    def leave_out_row(
        self, code: Of, *, reason: str | Left = Left.OUT, row: int, idempotency_key: str = ""
    ) -> Plan[shapes.TapeDetailShown]:
        """Leaves a row out, with the reason."""
        return self._call(
            "POST", path_of("clo-tapes", code, "leave-out"), body=given(reason=reason, row=row), key=idempotency_key
        )

    @verb
    def map_tape(self, code: Of, *, mapping: dict[str, str], idempotency_key: str = "") -> Plan[shapes.TapeDetailShown]:
        """Says what each header means; kept for the sender's next file."""
        return self._call(
            "POST", path_of("clo-tapes", code, "mapping"), body=given(mapping=mapping), key=idempotency_key
        )

    @verb
    def read_test_run(self, code: Of) -> Plan[shapes.TestRunDetailShown]:
        """Reads all tests of a pool, with numerators, denominators, margins and cures."""
        return self._call("GET", path_of("clo-test-runs", code))

    @verb
    def read_test(self, code: Of, index: int) -> Plan[shapes.TestDetailShown]:
        """Reads one test with the rows behind it."""
        return self._call("GET", path_of("clo-test-runs", code, "tests", index))

    @verb
    def settle_comment(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.SubmissionCommentShown]:
        """Settles a comment: it is dealt with."""
        return self._call("POST", path_of("comments", code, "settle"), key=idempotency_key)

    @listing
    def list_financing_comparisons(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.ComparisonShown]:
        """Lists the comparisons of financings that the caller keeps."""
        return self._pages(path_of("comparisons", "financings"), query=given(limit=page_size))

    @verb
    def keep_financing_comparison(
        self, *, of: Sequence[Of], name: str, idempotency_key: str = ""
    ) -> Plan[shapes.ComparisonShown]:
        """Keeps two to six financings side by side under a name."""
        return self._call(
            "POST", path_of("comparisons", "financings"), body=given(of=of, name=name), key=idempotency_key
        )

    @verb
    def read_financing_comparison(self, code: Of) -> Plan[shapes.ComparisonShown]:
        """Reads a comparison of financings of which the caller may see every one."""
        return self._call("GET", path_of("comparisons", "financings", code))

    @verb
    def note_financing_comparison(
        self,
        code: Of,
        *,
        name: str | Left = Left.OUT,
        note: str | Left = Left.OUT,
        is_starred: bool | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.ComparisonShown]:
        """Renames, notes or stars a comparison that the caller keeps."""
        return self._call(
            "PATCH",
            path_of("comparisons", "financings", code),
            body=given(name=name, note=note, is_starred=is_starred),
            key=idempotency_key,
        )

    @verb
    def drop_financing_comparison(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Drops a comparison that the caller keeps; its financings stay."""
        return self._call("DELETE", path_of("comparisons", "financings", code), key=idempotency_key)

    @listing
    def list_run_comparisons(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.ComparisonShown]:
        """Lists the comparisons of runs that the caller keeps."""
        return self._pages(path_of("comparisons", "runs"), query=given(limit=page_size))

    @verb
    def keep_run_comparison(
        self, *, of: Sequence[Of], name: str, idempotency_key: str = ""
    ) -> Plan[shapes.ComparisonShown]:
        """Keeps two to six runs side by side under a name."""
        return self._call("POST", path_of("comparisons", "runs"), body=given(of=of, name=name), key=idempotency_key)

    @verb
    def read_run_comparison(self, code: Of) -> Plan[shapes.ComparisonShown]:
        """Reads a comparison of runs of which the caller may see every one."""
        return self._call("GET", path_of("comparisons", "runs", code))

    @verb
    def note_run_comparison(
        self,
        code: Of,
        *,
        name: str | Left = Left.OUT,
        note: str | Left = Left.OUT,
        is_starred: bool | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.ComparisonShown]:
        """Renames, notes or stars a comparison that the caller keeps."""
        return self._call(
            "PATCH",
            path_of("comparisons", "runs", code),
            body=given(name=name, note=note, is_starred=is_starred),
            key=idempotency_key,
        )

    @verb
    def drop_run_comparison(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Drops a comparison that the caller keeps; its runs stay."""
        return self._call("DELETE", path_of("comparisons", "runs", code), key=idempotency_key)

    @listing
    def list_definitions(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.DefinitionShown]:
        """Lists what is compared with what."""
        return self._pages(path_of("configuration", "definitions"), query=given(limit=page_size))

    @verb
    def define_reconciliation(
        self, *, name: str, what: shapes.WhatEnum, sources: Sequence[Of], idempotency_key: str = ""
    ) -> Plan[shapes.DefinitionShown]:
        """Sets up what is compared with what."""
        return self._call(
            "POST",
            path_of("configuration", "definitions"),
            body=given(name=name, what=what, sources=sources),
            key=idempotency_key,
        )

    @listing
    def list_scheduled_deliveries(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.ScheduledDeliveryShown]:
        """Lists what leaves by itself."""
        return self._pages(path_of("configuration", "deliveries"), query=given(limit=page_size))

    @verb
    def add_scheduled_delivery(
        self,
        *,
        name: str,
        what: shapes.Delivered,
        definition: Of | Left | None = Left.OUT,
        filters: shapes.PackFiltersRequest | Left = Left.OUT,
        format: shapes.ExportFormat | Left = Left.OUT,
        recipient: Of | Left | None = Left.OUT,
        at: str,
        way: shapes.DeliveryWay,
        channel_of: Of | Left | None = Left.OUT,
        folder: str | Left = Left.OUT,
        people: Sequence[str] | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.ScheduledDeliveryShown]:
        """Sets up what leaves, when, for whom it is locked, and by which way."""
        return self._call(
            "POST",
            path_of("configuration", "deliveries"),
            body=given(
                name=name,
                what=what,
                definition=definition,
                filters=filters,
                format=format,
                recipient=recipient,
                at=at,
                way=way,
                channel_of=channel_of,
                folder=folder,
                people=people,
            ),
            key=idempotency_key,
        )

    @verb
    def read_scheduled_delivery(self, code: Of) -> Plan[shapes.ScheduledDeliveryShown]:
        """Reads a delivery."""
        return self._call("GET", path_of("configuration", "deliveries", code))

    @verb
    def change_scheduled_delivery(
        self,
        code: Of,
        *,
        name: str,
        what: shapes.Delivered,
        definition: Of | Left | None = Left.OUT,
        filters: shapes.PackFiltersRequest | Left = Left.OUT,
        format: shapes.ExportFormat | Left = Left.OUT,
        recipient: Of | Left | None = Left.OUT,
        at: str,
        way: shapes.DeliveryWay,
        channel_of: Of | Left | None = Left.OUT,
        folder: str | Left = Left.OUT,
        people: Sequence[str] | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.ScheduledDeliveryShown]:
        """Changes a delivery, all of its fields."""
        return self._call(
            "PUT",
            path_of("configuration", "deliveries", code),
            body=given(
                name=name,
                what=what,
                definition=definition,
                filters=filters,
                format=format,
                recipient=recipient,
                at=at,
                way=way,
                channel_of=channel_of,
                folder=folder,
                people=people,
            ),
            key=idempotency_key,
        )

    @verb
    def end_scheduled_delivery(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Ends a delivery; its log stays."""
        return self._call("DELETE", path_of("configuration", "deliveries", code), key=idempotency_key)

    @listing
    def list_delivery_tries(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.DeliveryTryShown]:
        """Lists the tries of a delivery, the latest first."""
        return self._pages(path_of("configuration", "deliveries", code, "tries"), query=given(limit=page_size))

    @verb
    def send_scheduled_delivery(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.DeliveryTryShown]:
        """Sends it now; a worker does it."""
        return self._call("POST", path_of("configuration", "deliveries", code, "tries"), key=idempotency_key)

    @listing
    def list_mappings(
        self,
        *,
        family: str | Left = Left.OUT,
        status: Literal["draft", "waiting", "active"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.VersionLine]:
        """Lists the versions the caller may read."""
        return self._pages(
            path_of("configuration", "mappings"), query=given(family=family, status=status, limit=page_size)
        )

    @verb
    def import_mapping(self, *, document: dict[str, Any], idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Makes a draft of a document, as the next version of its family."""
        return self._call(
            "POST", path_of("configuration", "mappings"), body=given(document=document), key=idempotency_key
        )

    @verb
    def read_mapping(self, code: Of) -> Plan[shapes.VersionShown]:
        """Reads a version with its tables."""
        return self._call("GET", path_of("configuration", "mappings", code))

    @verb
    def edit_mapping(
        self,
        code: Of,
        *,
        revision: int | Left = Left.OUT,
        cells: dict[str, shapes.CellValueRequest] | Left = Left.OUT,
        name: str | Left = Left.OUT,
        effective_from: date | str | Left = Left.OUT,
        notes: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.VersionShown]:
        """Changes cells of a draft; `revision` is the one that was read."""
        return self._call(
            "PATCH",
            path_of("configuration", "mappings", code),
            body=given(revision=revision, cells=cells, name=name, effective_from=effective_from, notes=notes),
            key=idempotency_key,
        )

    @verb
    def delete_mapping(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a draft."""
        return self._call("DELETE", path_of("configuration", "mappings", code), key=idempotency_key)

    @verb
    def approve_mapping(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Approves a version; who wrote a part of it may not."""
        return self._call("POST", path_of("configuration", "mappings", code, "approve"), key=idempotency_key)

    @verb
    def copy_mapping(
        self, code: Of, *, scope: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Makes the next version as a draft with the same content."""
        return self._call(
            "POST", path_of("configuration", "mappings", code, "copy"), body=given(scope=scope), key=idempotency_key
        )

    @verb
    def export_mapping(self, code: Of) -> Plan[shapes.Document]:
        """Takes a version away as a document."""
        return self._call("GET", path_of("configuration", "mappings", code, "export"))

    @verb
    def reject_mapping(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Sends a version back to its author, with the reason."""
        return self._call(
            "POST", path_of("configuration", "mappings", code, "reject"), body=given(reason=reason), key=idempotency_key
        )

    @verb
    def submit_mapping(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Sends a draft to a second administrator."""
        return self._call("POST", path_of("configuration", "mappings", code, "submit"), key=idempotency_key)

    @listing
    def list_recipients(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.RecipientShown]:
        """Lists for whom files are locked."""
        return self._pages(path_of("configuration", "recipients"), query=given(limit=page_size))

    @verb
    def add_recipient(
        self, *, name: str, method: shapes.Encryption, secret: str, idempotency_key: str = ""
    ) -> Plan[shapes.RecipientShown]:
        """Adds a recipient: a passphrase for ZIP with AES-256, or a public key for PGP."""
        return self._call(
            "POST",
            path_of("configuration", "recipients"),
            body=given(name=name, method=method, secret=secret),
            key=idempotency_key,
        )

    @verb
    def end_recipient(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Ends a recipient: nothing is locked for them any more."""
        return self._call("DELETE", path_of("configuration", "recipients", code), key=idempotency_key)

    @listing
    def list_terms_versions(
        self,
        *,
        family: str | Left = Left.OUT,
        status: Literal["draft", "waiting", "active"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.VersionLine]:
        """Lists the versions the caller may read."""
        return self._pages(
            path_of("configuration", "terms-versions"), query=given(family=family, status=status, limit=page_size)
        )

    @verb
    def import_terms_version(self, *, document: dict[str, Any], idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Makes a draft of a document, as the next version of its family."""
        return self._call(
            "POST", path_of("configuration", "terms-versions"), body=given(document=document), key=idempotency_key
        )

    @verb
    def read_terms_version(self, code: Of) -> Plan[shapes.VersionShown]:
        """Reads a version with its tables."""
        return self._call("GET", path_of("configuration", "terms-versions", code))

    @verb
    def edit_terms_version(
        self,
        code: Of,
        *,
        revision: int | Left = Left.OUT,
        cells: dict[str, shapes.CellValueRequest] | Left = Left.OUT,
        name: str | Left = Left.OUT,
        effective_from: date | str | Left = Left.OUT,
        notes: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.VersionShown]:
        """Changes cells of a draft; `revision` is the one that was read."""
        return self._call(
            "PATCH",
            path_of("configuration", "terms-versions", code),
            body=given(revision=revision, cells=cells, name=name, effective_from=effective_from, notes=notes),
            key=idempotency_key,
        )

    @verb
    def delete_terms_version(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a draft."""
        return self._call("DELETE", path_of("configuration", "terms-versions", code), key=idempotency_key)

    @verb
    def approve_terms_version(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Approves a version; who wrote a part of it may not."""
        return self._call("POST", path_of("configuration", "terms-versions", code, "approve"), key=idempotency_key)

    @verb
    def copy_terms_version(
        self, code: Of, *, scope: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Makes the next version as a draft with the same content."""
        return self._call(
            "POST",
            path_of("configuration", "terms-versions", code, "copy"),
            body=given(scope=scope),
            key=idempotency_key,
        )

    @verb
    def export_terms_version(self, code: Of) -> Plan[shapes.Document]:
        """Takes a version away as a document."""
        return self._call("GET", path_of("configuration", "terms-versions", code, "export"))

    @verb
    def reject_terms_version(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Sends a version back to its author, with the reason."""
        return self._call(
            "POST",
            path_of("configuration", "terms-versions", code, "reject"),
            body=given(reason=reason),
            key=idempotency_key,
        )

    @verb
    def submit_terms_version(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Sends a draft to a second administrator."""
        return self._call("POST", path_of("configuration", "terms-versions", code, "submit"), key=idempotency_key)

    @verb
    def redeliver(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.DeliveryShown]:
        """Tells a webhook again what it was told."""
        return self._call("POST", path_of("deliveries", code, "again"), key=idempotency_key)

    @listing
    def list_desk_limitss(
        self,
        *,
        family: str | Left = Left.OUT,
        status: Literal["draft", "waiting", "active"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.VersionLine]:
        """Lists the versions the caller may read."""
        return self._pages(path_of("desk-limits"), query=given(family=family, status=status, limit=page_size))

    @verb
    def import_desk_limits(self, *, document: dict[str, Any], idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Makes a draft of a document, as the next version of its family."""
        return self._call("POST", path_of("desk-limits"), body=given(document=document), key=idempotency_key)

    @verb
    def read_desk_limits(self, code: Of) -> Plan[shapes.VersionShown]:
        """Reads a version with its tables."""
        return self._call("GET", path_of("desk-limits", code))

    @verb
    def edit_desk_limits(
        self,
        code: Of,
        *,
        revision: int | Left = Left.OUT,
        cells: dict[str, shapes.CellValueRequest] | Left = Left.OUT,
        name: str | Left = Left.OUT,
        effective_from: date | str | Left = Left.OUT,
        notes: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.VersionShown]:
        """Changes cells of a draft; `revision` is the one that was read."""
        return self._call(
            "PATCH",
            path_of("desk-limits", code),
            body=given(revision=revision, cells=cells, name=name, effective_from=effective_from, notes=notes),
            key=idempotency_key,
        )

    @verb
    def delete_desk_limits(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a draft."""
        return self._call("DELETE", path_of("desk-limits", code), key=idempotency_key)

    @verb
    def approve_desk_limits(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Approves a version; who wrote a part of it may not."""
        return self._call("POST", path_of("desk-limits", code, "approve"), key=idempotency_key)

    @verb
    def copy_desk_limits(
        self, code: Of, *, scope: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Makes the next version as a draft with the same content."""
        return self._call("POST", path_of("desk-limits", code, "copy"), body=given(scope=scope), key=idempotency_key)

    @verb
    def export_desk_limits(self, code: Of) -> Plan[shapes.Document]:
        """Takes a version away as a document."""
        return self._call("GET", path_of("desk-limits", code, "export"))

    @verb
    def reject_desk_limits(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Sends a version back to its author, with the reason."""
        return self._call(
            "POST", path_of("desk-limits", code, "reject"), body=given(reason=reason), key=idempotency_key
        )

    @verb
    def submit_desk_limits(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Sends a draft to a second administrator."""
        return self._call("POST", path_of("desk-limits", code, "submit"), key=idempotency_key)

    @listing
    def list_desks(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.DeskShown]:
        """Lists the desks that the caller may know of."""
        return self._pages(path_of("desks"), query=given(limit=page_size))

    @listing
    def list_desk_scenarios(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.DeskScenariosShown]:
        """Lists the sets of shocks of a desk."""
        return self._pages(path_of("desks", code, "scenario-sets"), query=given(limit=page_size))

    @verb
    def make_desk_scenarios(
        self, code: Of, *, name: str, rows: Sequence[dict[str, str]], idempotency_key: str = ""
    ) -> Plan[shapes.DeskScenariosShown]:
        """Keeps a set of shocks."""
        return self._call(
            "POST", path_of("desks", code, "scenario-sets"), body=given(name=name, rows=rows), key=idempotency_key
        )

    @verb
    def regenerate_document(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.PackShown]:
        """Makes one document again, with the template in use now."""
        return self._call("POST", path_of("documents", code, "again"), key=idempotency_key)

    @verb
    def download_document(self, code: Of) -> Plan[bytes]:
        """Takes one document away."""
        return self._download(path_of("documents", code, "file"))

    @listing
    def list_breaks(
        self,
        *,
        cluster: str | Left = Left.OUT,
        counterparty: str | Left = Left.OUT,
        definition: Of | Left = Left.OUT,
        owner: str | Left = Left.OUT,
        product: str | Left = Left.OUT,
        q: str | Left = Left.OUT,
        severity: Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"] | Left = Left.OUT,
        sort: Literal["-score", "opened_at", "-opened_at", "resolve_by", "-resolve_by", "amount", "-amount"]
        | Left = Left.OUT,
        state: Literal["open", "proposed", "resolved", "gone"] | Left = Left.OUT,
        team: str | Left = Left.OUT,
        type: str | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.BreakShown]:
        """Lists breaks: filtered, sorted, in pages."""
        return self._pages(
            path_of("exceptions", "breaks"),
            query=given(
                cluster=cluster,
                counterparty=counterparty,
                definition=definition,
                owner=owner,
                product=product,
                q=q,
                severity=severity,
                sort=sort,
                state=state,
                team=team,
                type=type,
                limit=page_size,
            ),
        )

    @verb
    def read_break(self, code: Of) -> Plan[shapes.BreakRead]:
        """Reads a break with its differences."""
        return self._call("GET", path_of("exceptions", "breaks", code))

    @listing
    def list_comments(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.CommentShown]:
        """Lists what was said of a break, the latest first."""
        return self._pages(path_of("exceptions", "breaks", code, "comments"), query=given(limit=page_size))

    @verb
    def comment_break(self, code: Of, *, text: str, idempotency_key: str = "") -> Plan[shapes.CommentShown]:
        """Says something of a break."""
        return self._call(
            "POST", path_of("exceptions", "breaks", code, "comments"), body=given(text=text), key=idempotency_key
        )

    @verb
    def assign_breaks(
        self,
        *,
        breaks: Sequence[Of] | Left = Left.OUT,
        cluster: str | Left = Left.OUT,
        owner: str | None,
        idempotency_key: str = "",
    ) -> Plan[shapes.BreaksShown]:
        """Gives breaks to somebody who works on them."""
        return self._call(
            "POST",
            path_of("exceptions", "breaks", "assign"),
            body=given(breaks=breaks, cluster=cluster, owner=owner),
            key=idempotency_key,
        )

    @verb
    def resolve_breaks(
        self,
        *,
        breaks: Sequence[Of] | Left = Left.OUT,
        cluster: str | Left = Left.OUT,
        reason: str,
        idempotency_key: str = "",
    ) -> Plan[shapes.BreaksShown]:
        """Resolves breaks with a reason; those from a size on wait for a second person, `proposed`."""
        return self._call(
            "POST",
            path_of("exceptions", "breaks", "resolve"),
            body=given(breaks=breaks, cluster=cluster, reason=reason),
            key=idempotency_key,
        )

    @verb
    def list_clusters(self) -> Plan[shapes.Clusters]:
        """Lists breaks that look alike, to be resolved at once."""
        return self._call("GET", path_of("exceptions", "clusters"))

    @verb
    def download_export(self, code: Of) -> Plan[bytes]:
        """Takes an export away."""
        return self._download(path_of("exports", code))

    @verb
    def read_file(self, code: Of) -> Plan[shapes.FileShown]:
        """Reads what is known of a file."""
        return self._call("GET", path_of("files", code))

    @verb
    def delete_file(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a file."""
        return self._call("DELETE", path_of("files", code), key=idempotency_key)

    @verb
    def apply_workbook(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.ProjectShown]:
        """Puts the good values of a kept workbook into its project."""
        return self._call("POST", path_of("files", code, "apply"), key=idempotency_key)

    @verb
    def download_file(self, code: Of) -> Plan[bytes]:
        """Takes a file away."""
        return self._download(path_of("files", code, "content"))

    @listing
    def list_financings(
        self, *, project: Of | Left = Left.OUT, page_size: int | Left = Left.OUT
    ) -> Items[shapes.FinancingShown]:
        """Lists financings, the latest first."""
        return self._pages(path_of("financings"), query=given(project=project, limit=page_size))

    @verb
    def read_financing(self, code: Of) -> Plan[shapes.FinancingShown]:
        """Reads what a financing is."""
        return self._call("GET", path_of("financings", code))

    @verb
    def read_compliance(self, code: Of, *, set: Sequence[Of] | Left = Left.OUT) -> Plan[shapes.ComplianceShown]:
        """Reads the compliance report of a financing."""
        return self._call("GET", path_of("financings", code, "compliance"), query=given(set=set))

    @verb
    def read_financing_detail(self, code: Of) -> Plan[shapes.DetailShown]:
        """Reads every figure, check, explanation and remedy of a financing, by the engine of today."""
        return self._call("GET", path_of("financings", code, "detail"))

    @verb
    def list_evidence(self, code: Of) -> Plan[shapes.EvidenceList]:
        """Lists what central banks ask to be shown of a financing, and what was entered."""
        return self._call("GET", path_of("financings", code, "evidence"))

    @verb
    def enter_evidence(
        self,
        code: Of,
        *,
        fact: str,
        state: shapes.EvidenceState,
        source: str,
        seen_on: date | str,
        symbol: str | Left = Left.OUT,
        for_project: bool | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.EvidenceShown]:
        """Enters what was seen of a fact; the last entry holds."""
        return self._call(
            "POST",
            path_of("financings", code, "evidence"),
            body=given(fact=fact, state=state, source=source, seen_on=seen_on, symbol=symbol, for_project=for_project),
            key=idempotency_key,
        )

    @verb
    def download_live_model(self, code: Of) -> Plan[bytes]:
        """Takes a financing away as a workbook that computes."""
        return self._download(path_of("financings", code, "model"))

    @verb
    def make_pack(
        self, code: Of, *, close_date: date | str, organisation: str, confidentiality: str, idempotency_key: str = ""
    ) -> Plan[shapes.PackShown]:
        """Asks for the documents of a financing, as drafts; a worker makes them."""
        return self._call(
            "POST",
            path_of("financings", code, "packs"),
            body=given(close_date=close_date, organisation=organisation, confidentiality=confidentiality),
            key=idempotency_key,
        )

    @listing
    def list_simulations(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.SimulationShown]:
        """Lists the simulations of a financing, the latest first."""
        return self._pages(path_of("financings", code, "simulations"), query=given(limit=page_size))

    @verb
    def simulate(
        self, code: Of, *, terms: shapes.SimulationGivenRequestTerms | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.SimulationShown]:
        """Asks for a simulation; a worker runs it."""
        return self._call(
            "POST", path_of("financings", code, "simulations"), body=given(terms=terms), key=idempotency_key
        )

    @verb
    def read_stress(
        self,
        code: Of,
        *,
        across: Literal["cpi", "rates", "long_rates", "vacancy", "default", "opex", "capex", "delay", "pue"]
        | Left = Left.OUT,
        down: Literal["cpi", "rates", "long_rates", "vacancy", "default", "opex", "capex", "delay", "pue"]
        | Left = Left.OUT,
        set: Of | Left = Left.OUT,
    ) -> Plan[shapes.StressShown]:
        """Reads a financing under a set of scenarios, with tornado, reverse stress and a heat map of two drivers."""
        return self._call("GET", path_of("financings", code, "stress"), query=given(across=across, down=down, set=set))

    @verb
    def stress(
        self, code: Of, *, scenarios: Sequence[shapes.Scenarios], idempotency_key: str = ""
    ) -> Plan[shapes.ReportShown]:
        """Puts a financing under scenarios of one's own; nothing is kept."""
        return self._call(
            "POST", path_of("financings", code, "stress"), body=given(scenarios=scenarios), key=idempotency_key
        )

    @listing
    def list_resolutions(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.BreakShown]:
        """Lists resolutions that wait for a second person."""
        return self._pages(path_of("governance", "resolutions"), query=given(limit=page_size))

    @verb
    def approve_resolution(
        self, code: Of, *, comment: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.BreakRead]:
        """Approves the resolution of a break; who proposed it may not."""
        return self._call(
            "POST",
            path_of("governance", "resolutions", code, "approve"),
            body=given(comment=comment),
            key=idempotency_key,
        )

    @verb
    def reject_resolution(
        self, code: Of, *, comment: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.BreakRead]:
        """Sends a resolution back: its break is open again."""
        return self._call(
            "POST",
            path_of("governance", "resolutions", code, "reject"),
            body=given(comment=comment),
            key=idempotency_key,
        )

    @verb
    def read_rights(self) -> Plan[shapes.RightsShown]:
        """Says which role may do what in reconciliation. For compliance and administrators."""
        return self._call("GET", path_of("governance", "rights"))

    @listing
    def read_trail(
        self, *, action: str | Left = Left.OUT, target: Of | Left = Left.OUT, page_size: int | Left = Left.OUT
    ) -> Items[shapes.Entry]:
        """Lists who did what in reconciliation, the latest first. For compliance and administrators."""
        return self._pages(path_of("governance", "trail"), query=given(action=action, target=target, limit=page_size))

    @listing
    def list_received_files(
        self,
        *,
        business_date: date | str | Left = Left.OUT,
        source: Of | Left = Left.OUT,
        state: Literal["read", "partly", "refused", "superseded", "check"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.FileLine]:
        """Lists what came, the latest first."""
        return self._pages(
            path_of("ingestion", "files"),
            query=given(business_date=business_date, source=source, state=state, limit=page_size),
        )

    @verb
    def read_received_file(self, code: Of) -> Plan[shapes.FileRead]:
        """Reads what became of a file, with place and code of whatever was refused."""
        return self._call("GET", path_of("ingestion", "files", code))

    @verb
    def download_received_file(self, code: Of) -> Plan[bytes]:
        """Takes a file away, byte by byte as it came."""
        return self._download(path_of("ingestion", "files", code, "content"))

    @listing
    def list_sources(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.SourceShown]:
        """Lists who sends files."""
        return self._pages(path_of("ingestion", "sources"), query=given(limit=page_size))

    @verb
    def make_source(
        self,
        *,
        name: str,
        party: str | Left = Left.OUT,
        role: shapes.SourceRole,
        format: shapes.FormatEnum,
        book: str | Left = Left.OUT,
        mapping_family: str | Left = Left.OUT,
        most_megabytes: int | Left = Left.OUT,
        most_ratio: int | Left = Left.OUT,
        due_at: str | Left | None = Left.OUT,
        folder: str | Left = Left.OUT,
        is_active: bool | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.SourceShown]:
        """Sets a source up."""
        return self._call(
            "POST",
            path_of("ingestion", "sources"),
            body=given(
                name=name,
                party=party,
                role=role,
                format=format,
                book=book,
                mapping_family=mapping_family,
                most_megabytes=most_megabytes,
                most_ratio=most_ratio,
                due_at=due_at,
                folder=folder,
                is_active=is_active,
            ),
            key=idempotency_key,
        )

    @verb
    def read_source(self, code: Of) -> Plan[shapes.SourceShown]:
        """Reads a source."""
        return self._call("GET", path_of("ingestion", "sources", code))

    @verb
    def change_source(
        self,
        code: Of,
        *,
        name: str,
        party: str | Left = Left.OUT,
        role: shapes.SourceRole,
        format: shapes.FormatEnum,
        book: str | Left = Left.OUT,
        mapping_family: str | Left = Left.OUT,
        most_megabytes: int | Left = Left.OUT,
        most_ratio: int | Left = Left.OUT,
        due_at: str | Left | None = Left.OUT,
        folder: str | Left = Left.OUT,
        is_active: bool | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.SourceShown]:
        """Changes a source: what is left out stands at its default."""
        return self._call(
            "PUT",
            path_of("ingestion", "sources", code),
            body=given(
                name=name,
                party=party,
                role=role,
                format=format,
                book=book,
                mapping_family=mapping_family,
                most_megabytes=most_megabytes,
                most_ratio=most_ratio,
                due_at=due_at,
                folder=folder,
                is_active=is_active,
            ),
            key=idempotency_key,
        )

    @verb
    def read_channel(self, code: Of) -> Plan[shapes.ChannelShown]:
        """Reads where a source's files are fetched from."""
        return self._call("GET", path_of("ingestion", "sources", code, "channel"))

    @verb
    def set_channel(
        self,
        code: Of,
        *,
        kind: shapes.ChannelKind,
        address: str | Left = Left.OUT,
        user: str,
        host_key: str | Left = Left.OUT,
        region: str | Left = Left.OUT,
        bucket: str | Left = Left.OUT,
        folder: str | Left = Left.OUT,
        pattern: str | Left = Left.OUT,
        done_folder: str | Left = Left.OUT,
        every_minutes: int | Left = Left.OUT,
        is_active: bool | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.ChannelShown]:
        """Sets up or changes where a source's files are fetched from; it is looked at soon."""
        return self._call(
            "PUT",
            path_of("ingestion", "sources", code, "channel"),
            body=given(
                kind=kind,
                address=address,
                user=user,
                host_key=host_key,
                region=region,
                bucket=bucket,
                folder=folder,
                pattern=pattern,
                done_folder=done_folder,
                every_minutes=every_minutes,
                is_active=is_active,
            ),
            key=idempotency_key,
        )

    @verb
    def end_channel(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Ends a channel; what was fetched stays."""
        return self._call("DELETE", path_of("ingestion", "sources", code, "channel"), key=idempotency_key)

    @listing
    def list_fetches(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.FetchShown]:
        """Lists the last looks at a channel's place, trials among them."""
        return self._pages(path_of("ingestion", "sources", code, "channel", "fetches"), query=given(limit=page_size))

    @verb
    def fetch_channel(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.ChannelShown]:
        """Has a worker fetch now; list_fetches says what came of it."""
        return self._call("POST", path_of("ingestion", "sources", code, "channel", "fetches"), key=idempotency_key)

    @verb
    def try_channel(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.FetchShown]:
        """Tries a connection: how many files lie there, or why there is none. Nothing is taken."""
        return self._call("POST", path_of("ingestion", "sources", code, "channel", "try"), key=idempotency_key)

    @verb
    def send_file(
        self,
        code: Of,
        *,
        file: Upload,
        business_date: date | str | Left = Left.OUT,
        balances: Upload | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.FilesRead]:
        """Takes a file in: read, partly read or refused, and kept in either case."""
        return self._call("POST", path_of("ingestion", "sources", code, "files"), upload=file, key=idempotency_key)

    @listing
    def list_invitations(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.InvitationShown]:
        """Lists what the caller is invited to, by the e-mail they confirmed."""
        return self._pages(path_of("invitations"), query=given(limit=page_size))

    @verb
    def read_invitation(self, code: Of) -> Plan[shapes.InvitationShown]:
        """Reads an invitation: whoever is invited, and those who see the organisation."""
        return self._call("GET", path_of("invitations", code))

    @verb
    def withdraw_invitation(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Takes an invitation back, or declines one's own."""
        return self._call("DELETE", path_of("invitations", code), key=idempotency_key)

    @verb
    def accept_invitation(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.MemberShown]:
        """Joins the organisation that the caller is invited to, with their projects."""
        return self._call("POST", path_of("invitations", code, "accept"), key=idempotency_key)

    @listing
    def list_jobs(
        self,
        *,
        kind: str | Left = Left.OUT,
        state: Literal["queued", "working", "done", "failed", "cancelled"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.JobShown]:
        """Lists the caller's jobs, the latest first; to an administrator everybody's."""
        return self._pages(path_of("jobs"), query=given(kind=kind, state=state, limit=page_size))

    @verb
    def read_job(self, code: Of) -> Plan[shapes.JobShown]:
        """Reads a job."""
        return self._call("GET", path_of("jobs", code))

    @verb
    def cancel_job(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.JobShown]:
        """Cancels a job; what is finished is kept."""
        return self._call("POST", path_of("jobs", code, "cancel"), key=idempotency_key)

    @verb
    def read_progress(self, code: Of) -> Plan[shapes.Progress]:
        """Says how far a job is."""
        return self._call("GET", path_of("jobs", code, "progress"))

    @verb
    def retry_job(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.JobShown]:
        """Takes up again a job that failed or was cancelled; what is finished is kept."""
        return self._call("POST", path_of("jobs", code, "retry"), key=idempotency_key)

    @verb
    def list_levers(self) -> Plan[shapes.LeverSets]:
        """Lists levers and the lever sets of the house."""
        return self._call("GET", path_of("levers"))

    @verb
    def measure_lever_set(
        self, *, levers: shapes.Levers, budget: int | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.Space]:
        """Says how large a run of a lever set would be; nothing is kept."""
        return self._call(
            "POST", path_of("levers", "measure"), body=given(levers=levers, budget=budget), key=idempotency_key
        )

    @listing
    def list_limit_sets(
        self,
        *,
        family: str | Left = Left.OUT,
        status: Literal["draft", "waiting", "active"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.VersionLine]:
        """Lists the versions the caller may read."""
        return self._pages(path_of("limit-sets"), query=given(family=family, status=status, limit=page_size))

    @verb
    def import_limit_set(self, *, document: dict[str, Any], idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Makes a draft of a document, as the next version of its family."""
        return self._call("POST", path_of("limit-sets"), body=given(document=document), key=idempotency_key)

    @verb
    def read_limit_set(self, code: Of) -> Plan[shapes.VersionShown]:
        """Reads a version with its tables."""
        return self._call("GET", path_of("limit-sets", code))

    @verb
    def edit_limit_set(
        self,
        code: Of,
        *,
        revision: int | Left = Left.OUT,
        cells: dict[str, shapes.CellValueRequest] | Left = Left.OUT,
        name: str | Left = Left.OUT,
        effective_from: date | str | Left = Left.OUT,
        notes: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.VersionShown]:
        """Changes cells of a draft; `revision` is the one that was read."""
        return self._call(
            "PATCH",
            path_of("limit-sets", code),
            body=given(revision=revision, cells=cells, name=name, effective_from=effective_from, notes=notes),
            key=idempotency_key,
        )

    @verb
    def delete_limit_set(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a draft."""
        return self._call("DELETE", path_of("limit-sets", code), key=idempotency_key)

    @verb
    def approve_limit_set(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Approves a version; who wrote a part of it may not."""
        return self._call("POST", path_of("limit-sets", code, "approve"), key=idempotency_key)

    @verb
    def copy_limit_set(
        self, code: Of, *, scope: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Makes the next version as a draft with the same content."""
        return self._call("POST", path_of("limit-sets", code, "copy"), body=given(scope=scope), key=idempotency_key)

    @verb
    def export_limit_set(self, code: Of) -> Plan[shapes.Document]:
        """Takes a version away as a document."""
        return self._call("GET", path_of("limit-sets", code, "export"))

    @verb
    def reject_limit_set(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Sends a version back to its author, with the reason."""
        return self._call("POST", path_of("limit-sets", code, "reject"), body=given(reason=reason), key=idempotency_key)

    @verb
    def submit_limit_set(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Sends a draft to a second administrator."""
        return self._call("POST", path_of("limit-sets", code, "submit"), key=idempotency_key)

    @verb
    def revoke_link(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.LinkShown]:
        """Takes a link back, to whatever pack."""
        return self._call("POST", path_of("links", code, "revoke"), key=idempotency_key)

    @listing
    def list_loan_pools(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.PoolShown]:
        """Lists pools of loans, the latest first."""
        return self._pages(path_of("loan-pools"), query=given(limit=page_size))

    @verb
    def make_loan_pool(
        self, *, financings: Sequence[Of], name: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.PoolShown]:
        """Makes a pool of the senior debt of financings."""
        return self._call(
            "POST", path_of("loan-pools"), body=given(financings=financings, name=name), key=idempotency_key
        )

    @verb
    def read_loan_pool(self, code: Of) -> Plan[shapes.PoolShown]:
        """Reads a pool with its loans."""
        return self._call("GET", path_of("loan-pools", code))

    @listing
    def list_loan_tapes(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.LoanTapeShown]:
        """Lists tapes of loans, the latest first."""
        return self._pages(path_of("loan-tapes"), query=given(limit=page_size))

    @verb
    def upload_loan_tape(
        self, *, file: Upload, name: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.LoanTapeDetailShown]:
        """Takes a tape of loans in as a draft; nothing of it is a pool before it is taken."""
        return self._call("POST", path_of("loan-tapes"), upload=file, key=idempotency_key)

    @verb
    def read_loan_tape(self, code: Of) -> Plan[shapes.LoanTapeDetailShown]:
        """Reads a tape of loans with its problems, cell by cell."""
        return self._call("GET", path_of("loan-tapes", code))

    @verb
    def mend_loan_tape(
        self, code: Of, *, cells: Sequence[shapes.NewCellRequest], idempotency_key: str = ""
    ) -> Plan[shapes.LoanTapeDetailShown]:
        """Mends cells; what stood there is kept."""
        return self._call("POST", path_of("loan-tapes", code, "cells"), body=given(cells=cells), key=idempotency_key)

    @verb
    def discard_loan_tape(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.LoanTapeDetailShown]:
        """Puts a tape of loans away."""
        return self._call("POST", path_of("loan-tapes", code, "discard"), key=idempotency_key)

    @verb
    def map_loan_tape(
        self, code: Of, *, mapping: dict[str, str], idempotency_key: str = ""
    ) -> Plan[shapes.LoanTapeDetailShown]:
        """Says what each header means."""
        return self._call(
            "POST", path_of("loan-tapes", code, "mapping"), body=given(mapping=mapping), key=idempotency_key
        )

    @verb
    def take_loan_tape(
        self, code: Of, *, leave_out: bool | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.PoolShown]:
        """Takes the loans as a pool that structures stand on; refused while rows have problems that are not left out."""
        return self._call(
            "POST", path_of("loan-tapes", code, "take"), body=given(leave_out=leave_out), key=idempotency_key
        )

    @listing
    def list_market_sets(
        self,
        *,
        family: str | Left = Left.OUT,
        status: Literal["draft", "waiting", "active"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.VersionLine]:
        """Lists the versions the caller may read."""
        return self._pages(path_of("market-sets"), query=given(family=family, status=status, limit=page_size))

    @verb
    def import_market_set(self, *, document: dict[str, Any], idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Makes a draft of a document, as the next version of its family."""
        return self._call("POST", path_of("market-sets"), body=given(document=document), key=idempotency_key)

    @verb
    def read_market_set(self, code: Of) -> Plan[shapes.VersionShown]:
        """Reads a version with its tables."""
        return self._call("GET", path_of("market-sets", code))

    @verb
    def edit_market_set(
        self,
        code: Of,
        *,
        revision: int | Left = Left.OUT,
        cells: dict[str, shapes.CellValueRequest] | Left = Left.OUT,
        name: str | Left = Left.OUT,
        effective_from: date | str | Left = Left.OUT,
        notes: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.VersionShown]:
        """Changes cells of a draft; `revision` is the one that was read."""
        return self._call(
            "PATCH",
            path_of("market-sets", code),
            body=given(revision=revision, cells=cells, name=name, effective_from=effective_from, notes=notes),
            key=idempotency_key,
        )

    @verb
    def delete_market_set(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a draft."""
        return self._call("DELETE", path_of("market-sets", code), key=idempotency_key)

    @verb
    def approve_market_set(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Approves a version; who wrote a part of it may not."""
        return self._call("POST", path_of("market-sets", code, "approve"), key=idempotency_key)

    @verb
    def copy_market_set(
        self, code: Of, *, scope: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Makes the next version as a draft with the same content."""
        return self._call("POST", path_of("market-sets", code, "copy"), body=given(scope=scope), key=idempotency_key)

    @verb
    def export_market_set(self, code: Of) -> Plan[shapes.Document]:
        """Takes a version away as a document."""
        return self._call("GET", path_of("market-sets", code, "export"))

    @verb
    def reject_market_set(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Sends a version back to its author, with the reason."""
        return self._call(
            "POST", path_of("market-sets", code, "reject"), body=given(reason=reason), key=idempotency_key
        )

    @verb
    def submit_market_set(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Sends a draft to a second administrator."""
        return self._call("POST", path_of("market-sets", code, "submit"), key=idempotency_key)

    @verb
    def me(self) -> Plan[shapes.Me]:
        """Says who calls, with which standing, role and scopes."""
        return self._call("GET", path_of("me"))

    @verb
    def export_own_data(self) -> Plan[bytes]:
        """All that the platform holds of the caller: a ZIP file, each kind of row as JSON and as CSV. Once a minute."""
        return self._download(path_of("me", "data"))

    @verb
    def read_notes_pack(self, code: Of) -> Plan[shapes.NotesPackShown]:
        """Reads a pack with its files."""
        return self._call("GET", path_of("notes-packs", code))

    @verb
    def download_notes_pack(self, code: Of) -> Plan[bytes]:
        """Takes the papers away as one ZIP with their manifest."""
        return self._download(path_of("notes-packs", code, "archive"))

    @verb
    def issue_notes_pack(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.NotesPackShown]:
        """Issues a pack: it gets its number, its papers are made for good."""
        return self._call("POST", path_of("notes-packs", code, "issue"), key=idempotency_key)

    @listing
    def list_notes_pack_links(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.LinkShown]:
        """Lists the links to a pack of notes. For those who issue them."""
        return self._pages(path_of("notes-packs", code, "links"), query=given(limit=page_size))

    @verb
    def make_notes_pack_link(
        self, code: Of, *, recipient: str, days: int, idempotency_key: str = ""
    ) -> Plan[shapes.LinkShown]:
        """Makes a link to an issued pack of notes; it is taken back as that to any pack."""
        return self._call(
            "POST",
            path_of("notes-packs", code, "links"),
            body=given(recipient=recipient, days=days),
            key=idempotency_key,
        )

    @verb
    def withdraw_notes_pack(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.NotesPackShown]:
        """Withdraws a draft, or an issue that cannot be brought to its end."""
        return self._call("POST", path_of("notes-packs", code, "withdraw"), key=idempotency_key)

    @verb
    def read_notes_run(self, code: Of) -> Plan[shapes.NotesRunShown]:
        """Reads a run; its progress is that of the job of the same code."""
        return self._call("GET", path_of("notes-runs", code))

    @verb
    def value_hedges(
        self, code: Of, *, market_set: Of | Left | None = Left.OUT, on: date | str | Left | None = Left.OUT
    ) -> Plan[shapes.HedgesShown]:
        """Values the issuer's swaps of a finished run on a day under a market set; nothing is kept."""
        return self._call("GET", path_of("notes-runs", code, "hedges"), query=given(market_set=market_set, on=on))

    @listing
    def list_notes_packs(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.NotesPackShown]:
        """Lists the packs of a run's papers, the latest first."""
        return self._pages(path_of("notes-runs", code, "packs"), query=given(limit=page_size))

    @verb
    def make_notes_pack(
        self,
        code: Of,
        *,
        organisation: str,
        confidentiality: str,
        period: int | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.NotesPackShown]:
        """Asks for the papers of a run, as drafts; a worker makes them."""
        return self._call(
            "POST",
            path_of("notes-runs", code, "packs"),
            body=given(organisation=organisation, confidentiality=confidentiality, period=period),
            key=idempotency_key,
        )

    @listing
    def list_notifications(
        self, *, unread: bool | Left = Left.OUT, page_size: int | Left = Left.OUT
    ) -> Items[shapes.NotificationShown]:
        """Lists what the caller was told, the latest first."""
        return self._pages(path_of("notifications"), query=given(unread=unread, limit=page_size))

    @verb
    def mark_read(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.NotificationShown]:
        """Marks a notification as read."""
        return self._call("POST", path_of("notifications", code, "read"), key=idempotency_key)

    @verb
    def read_operations(self) -> Plan[shapes.StandingShown]:
        """Says how queues, workers, jobs and stores stand, and which limits are crossed."""
        return self._call("GET", path_of("operations"))

    @listing
    def list_organisations(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.OrganisationLine]:
        """Lists the organisations the caller may see: a sponsor their own, internal people and administrators all."""
        return self._pages(path_of("organisations"), query=given(limit=page_size))

    @verb
    def found_organisation(self, *, name: str, idempotency_key: str = "") -> Plan[shapes.OrganisationShown]:
        """Founds the caller's organisation, which their projects belong to from now on. For sponsors without one."""
        return self._call("POST", path_of("organisations"), body=given(name=name), key=idempotency_key)

    @verb
    def read_organisation(self, code: Of) -> Plan[shapes.OrganisationShown]:
        """Reads an organisation with its members."""
        return self._call("GET", path_of("organisations", code))

    @verb
    def rename_organisation(
        self, code: Of, *, name: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.OrganisationShown]:
        """Renames an organisation. For its owners and administrators."""
        return self._call("PATCH", path_of("organisations", code), body=given(name=name), key=idempotency_key)

    @listing
    def list_organisation_invitations(
        self, code: Of, *, page_size: int | Left = Left.OUT
    ) -> Items[shapes.InvitationShown]:
        """Lists who is invited and has not answered. For owners and administrators."""
        return self._pages(path_of("organisations", code, "invitations"), query=given(limit=page_size))

    @verb
    def invite_member(
        self, code: Of, *, email: str, role: shapes.OrganisationRole | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.InvitationShown]:
        """Invites a colleague by e-mail, with an account or without. For owners and administrators."""
        return self._call(
            "POST",
            path_of("organisations", code, "invitations"),
            body=given(email=email, role=role),
            key=idempotency_key,
        )

    @verb
    def read_member(self, code: Of) -> Plan[shapes.MemberShown]:
        """Reads a member of an organisation that the caller may see."""
        return self._call("GET", path_of("organisations", "members", code))

    @verb
    def change_member(
        self, code: Of, *, role: shapes.OrganisationRole | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.MemberShown]:
        """Gives a member another role; the last owner stays one. For owners and administrators."""
        return self._call(
            "PATCH", path_of("organisations", "members", code), body=given(role=role), key=idempotency_key
        )

    @verb
    def remove_member(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Removes a member, or oneself; what they entered stays with the organisation."""
        return self._call("DELETE", path_of("organisations", "members", code), key=idempotency_key)

    @listing
    def list_packs(
        self,
        *,
        project: Of | Left = Left.OUT,
        status: Literal["draft", "issuing", "issued", "withdrawn"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.PackLine]:
        """Lists packs, the latest first; to a sponsor those that were issued."""
        return self._pages(path_of("packs"), query=given(project=project, status=status, limit=page_size))

    @verb
    def read_pack(self, code: Of) -> Plan[shapes.PackShown]:
        """Reads a pack with its documents."""
        return self._call("GET", path_of("packs", code))

    @verb
    def download_pack(self, code: Of) -> Plan[bytes]:
        """Takes a whole pack away as one ZIP."""
        return self._download(path_of("packs", code, "archive"))

    @verb
    def issue_pack(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.PackShown]:
        """Issues a pack: it gets its number, its documents are made for good."""
        return self._call("POST", path_of("packs", code, "issue"), key=idempotency_key)

    @listing
    def list_links(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.LinkShown]:
        """Lists the links to a pack. For those who make packs."""
        return self._pages(path_of("packs", code, "links"), query=given(limit=page_size))

    @verb
    def make_link(self, code: Of, *, recipient: str, days: int, idempotency_key: str = "") -> Plan[shapes.LinkShown]:
        """Makes a link to an issued pack."""
        return self._call(
            "POST", path_of("packs", code, "links"), body=given(recipient=recipient, days=days), key=idempotency_key
        )

    @verb
    def download_manifest(self, code: Of) -> Plan[dict[str, Any]]:
        """Takes the manifest away: every file with its SHA-256, and what the figures come from."""
        return self._call("GET", path_of("packs", code, "manifest"))

    @verb
    def retry_pack(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.PackShown]:
        """Makes again what failed."""
        return self._call("POST", path_of("packs", code, "retry"), key=idempotency_key)

    @verb
    def withdraw_pack(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.PackShown]:
        """Withdraws a draft."""
        return self._call("POST", path_of("packs", code, "withdraw"), key=idempotency_key)

    @verb
    def price(
        self,
        *,
        inputs: shapes.Inputs,
        terms: shapes.FinancingShownTerms | Left = Left.OUT,
        choice: shapes.Choice | Left = Left.OUT,
        rule_set: Of | Left | None = Left.OUT,
        market_set: Of | Left | None = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.DetailShown]:
        """Prices a structure directly; nothing is kept."""
        return self._call(
            "POST",
            path_of("price"),
            body=given(inputs=inputs, terms=terms, choice=choice, rule_set=rule_set, market_set=market_set),
            key=idempotency_key,
        )

    @listing
    def list_projects(
        self,
        *,
        country: Literal["UK", "EU", "US"] | Left = Left.OUT,
        search: str | Left = Left.OUT,
        series: Of | Left = Left.OUT,
        status: Literal["draft", "active", "completed", "archived", "deleted"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.ProjectLine]:
        """Lists the projects the caller may read, those edited last first."""
        return self._pages(
            path_of("projects"),
            query=given(country=country, search=search, series=series, status=status, limit=page_size),
        )

    @verb
    def create_project(
        self, *, title: str, inputs: shapes.Inputs | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.ProjectShown]:
        """Enters a project: active where the engine accepts every input, else a draft that keeps the good values."""
        return self._call("POST", path_of("projects"), body=given(title=title, inputs=inputs), key=idempotency_key)

    @verb
    def read_project(self, code: Of) -> Plan[shapes.ProjectShown]:
        """Reads a project with its inputs."""
        return self._call("GET", path_of("projects", code))

    @verb
    def edit_project(
        self, code: Of, *, title: str, inputs: shapes.Inputs, idempotency_key: str = "", if_match: str = ""
    ) -> Plan[shapes.ProjectShown]:
        """Puts a new title and inputs in place of the old; of an approved project this makes a change request."""
        return self._call(
            "PUT",
            path_of("projects", code),
            body=given(title=title, inputs=inputs),
            key=idempotency_key,
            match=if_match or etag_of(code),
        )

    @verb
    def delete_project(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Puts a project into the bin of those who keep it."""
        return self._call("DELETE", path_of("projects", code), key=idempotency_key)

    @verb
    def archive_project(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.ProjectShown]:
        """Puts a project away: readable, not editable."""
        return self._call("POST", path_of("projects", code, "archive"), key=idempotency_key)

    @verb
    def set_asset_class(self, code: Of, *, asset_class: str, idempotency_key: str = "") -> Plan[shapes.ProjectShown]:
        """Makes a project one of another asset class."""
        return self._call(
            "POST", path_of("projects", code, "asset-class"), body=given(asset_class=asset_class), key=idempotency_key
        )

    @verb
    def complete_project(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.ProjectShown]:
        """Marks a project as done."""
        return self._call("POST", path_of("projects", code, "complete"), key=idempotency_key)

    @verb
    def duplicate_project(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.ProjectShown]:
        """Makes the caller a copy of a project's inputs."""
        return self._call("POST", path_of("projects", code, "duplicate"), key=idempotency_key)

    @listing
    def list_files(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.FileShown]:
        """Lists the files of a project."""
        return self._pages(path_of("projects", code, "files"), query=given(limit=page_size))

    @verb
    def add_file(self, code: Of, *, file: Upload, idempotency_key: str = "") -> Plan[shapes.FileShown]:
        """Keeps a file with a project."""
        return self._call("POST", path_of("projects", code, "files"), upload=file, key=idempotency_key)

    @verb
    def type_financing(
        self,
        code: Of,
        *,
        choice: shapes.Choice,
        terms: shapes.FinancingShownTerms | Left = Left.OUT,
        rule_set: Of | Left | None = Left.OUT,
        title: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.FinancingShown]:
        """Makes a financing by hand; the same values are the same financing."""
        return self._call(
            "POST",
            path_of("projects", code, "financings"),
            body=given(choice=choice, terms=terms, rule_set=rule_set, title=title),
            key=idempotency_key,
        )

    @verb
    def move_project(
        self,
        code: Of,
        *,
        series: Of | Left | None = Left.OUT,
        before: Of | Left | None = Left.OUT,
        after: Of | Left | None = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.ProjectShown]:
        """Moves a project into a series, and beside another."""
        return self._call(
            "POST",
            path_of("projects", code, "move"),
            body=given(series=series, before=before, after=after),
            key=idempotency_key,
        )

    @verb
    def reopen_project(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.ProjectShown]:
        """Takes a completed project back into work."""
        return self._call("POST", path_of("projects", code, "reopen"), key=idempotency_key)

    @verb
    def restore_project(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.ProjectShown]:
        """Takes a project back from the archive or the bin."""
        return self._call("POST", path_of("projects", code, "restore"), key=idempotency_key)

    @verb
    def start_run(
        self,
        code: Of,
        *,
        levers: shapes.Levers | Left | None = Left.OUT,
        terms: shapes.FinancingShownTerms | Left | None = Left.OUT,
        rule_set: Of | Left | None = Left.OUT,
        budget: int | Left = Left.OUT,
        seed: int | Left = Left.OUT,
        may_sample: bool | Left = Left.OUT,
        all_rows: bool | Left | None = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.RunShown]:
        """Asks for a run over a project's approved inputs; workers take it up."""
        return self._call(
            "POST",
            path_of("projects", code, "runs"),
            body=given(
                levers=levers,
                terms=terms,
                rule_set=rule_set,
                budget=budget,
                seed=seed,
                may_sample=may_sample,
                all_rows=all_rows,
            ),
            key=idempotency_key,
        )

    @listing
    def list_snapshots(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.SnapshotShown]:
        """Lists the snapshots of a project, the latest first."""
        return self._pages(path_of("projects", code, "snapshots"), query=given(limit=page_size))

    @verb
    def take_snapshot(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.SnapshotShown]:
        """Freezes a project's inputs; the same content is the same snapshot."""
        return self._call("POST", path_of("projects", code, "snapshots"), key=idempotency_key)

    @verb
    def submit_project(
        self, code: Of, *, note: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.SubmissionShown]:
        """Sends a project's inputs for approval; the same inputs are the same submission."""
        return self._call("POST", path_of("projects", code, "submit"), body=given(note=note), key=idempotency_key)

    @verb
    def download_workbook(self, code: Of) -> Plan[bytes]:
        """Takes a project away as a workbook."""
        return self._download(path_of("projects", code, "workbook"))

    @verb
    def keep_workbook(self, code: Of, *, file: Upload, idempotency_key: str = "") -> Plan[shapes.ImportedShown]:
        """Keeps a workbook with a project, and says what it would change; apply_workbook changes it."""
        return self._call("POST", path_of("projects", code, "workbook"), upload=file, key=idempotency_key)

    @verb
    def take_decision_back(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.RecordsDecided]:
        """Takes a decision back: later runs go by the rules again."""
        return self._call("POST", path_of("reconciliation", "decisions", code, "take-back"), key=idempotency_key)

    @listing
    def list_decisions(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.RecordsDecided]:
        """Lists what people decided of the records of a definition."""
        return self._pages(path_of("reconciliation", "definitions", code, "decisions"), query=given(limit=page_size))

    @verb
    def decide_records(
        self,
        code: Of,
        *,
        choice: shapes.ChoiceEnum,
        internal: Sequence[str] | Left = Left.OUT,
        external: Sequence[str] | Left = Left.OUT,
        reason: str,
        idempotency_key: str = "",
    ) -> Plan[shapes.RecordsDecided]:
        """Matches records, splits them, or says they are no duplicates: for every later run."""
        return self._call(
            "POST",
            path_of("reconciliation", "definitions", code, "decisions"),
            body=given(choice=choice, internal=internal, external=external, reason=reason),
            key=idempotency_key,
        )

    @listing
    def list_reconciliation_runs(
        self,
        *,
        business_date: date | str | Left = Left.OUT,
        definition: Of | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.ReconciliationRunShown]:
        """Lists runs, the latest first."""
        return self._pages(
            path_of("reconciliation", "runs"),
            query=given(business_date=business_date, definition=definition, limit=page_size),
        )

    @verb
    def run_reconciliation(
        self, *, definition: Of, business_date: date | str, idempotency_key: str = ""
    ) -> Plan[shapes.ReconciliationRunShown]:
        """Compares what was received of a business day; a worker does it, and its job says how far it is."""
        return self._call(
            "POST",
            path_of("reconciliation", "runs"),
            body=given(definition=definition, business_date=business_date),
            key=idempotency_key,
        )

    @verb
    def read_reconciliation_run(self, code: Of) -> Plan[shapes.ReconciliationRunShown]:
        """Reads a run; its progress is that of the job of the same code."""
        return self._call("GET", path_of("reconciliation", "runs", code))

    @listing
    def list_groups(
        self,
        code: Of,
        *,
        verdict: Literal[
            "MATCHED_EXACT",
            "MATCHED_TOLERANCE",
            "MATCHED_TEMPORAL",
            "MATCHED_DERIVED",
            "MATCHED_GROUP",
            "MATCHED_FX",
            "MATCHED_MANUAL",
            "AGREE",
            "AMBIGUOUS",
            "BREAK",
            "NWAY_DISAGREEMENT",
            "NWAY_MISSING",
            "MISSING_EXTERNAL",
            "MISSING_INTERNAL",
            "DUPLICATE",
            "CANCELLED",
            "CANCEL_APPLIED",
            "REPLACED",
        ]
        | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.GroupShown]:
        """Lists what a run put together, by number."""
        return self._pages(
            path_of("reconciliation", "runs", code, "groups"), query=given(verdict=verdict, limit=page_size)
        )

    @listing
    def list_registrations(
        self,
        *,
        standing: Literal["waiting", "approved", "declined", "closed"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.Registration]:
        """Lists people by their standing on the way in. For administrators."""
        return self._pages(path_of("registrations"), query=given(standing=standing, limit=page_size))

    @verb
    def approve_registration(
        self, code: Of, *, role: shapes.RoleEnum | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.Registration]:
        """Approves a person, who may sign in from now on in this role."""
        return self._call("POST", path_of("registrations", code, "approve"), body=given(role=role), key=idempotency_key)

    @verb
    def decline_registration(self, code: Of, *, reason: str, idempotency_key: str = "") -> Plan[shapes.Registration]:
        """Declines a person, who is told the reason."""
        return self._call(
            "POST", path_of("registrations", code, "decline"), body=given(reason=reason), key=idempotency_key
        )

    @verb
    def read_ages(self) -> Plan[shapes.AgesShown]:
        """Counts unsettled breaks by age and severity."""
        return self._call("GET", path_of("reports", "ages"))

    @listing
    def list_break_packs(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.BreakPackShown]:
        """Lists packs, the latest first."""
        return self._pages(path_of("reports", "break-packs"), query=given(limit=page_size))

    @verb
    def pack_breaks(
        self,
        *,
        breaks: Sequence[Of] | Left = Left.OUT,
        filters: shapes.PackFiltersRequest | Left = Left.OUT,
        format: shapes.ExportFormat | Left = Left.OUT,
        with_files: bool | Left = Left.OUT,
        recipient: Of | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.BreakPackShown]:
        """Packs breaks with their lineage from byte to verdict; a worker does it."""
        return self._call(
            "POST",
            path_of("reports", "break-packs"),
            body=given(breaks=breaks, filters=filters, format=format, with_files=with_files, recipient=recipient),
            key=idempotency_key,
        )

    @verb
    def read_break_pack(self, code: Of) -> Plan[shapes.BreakPackShown]:
        """Reads a pack; its progress is that of the job of the same code."""
        return self._call("GET", path_of("reports", "break-packs", code))

    @verb
    def download_break_pack(self, code: Of) -> Plan[bytes]:
        """Takes the archive of a pack away."""
        return self._download(path_of("reports", "break-packs", code, "content"))

    @verb
    def read_match_rates(self) -> Plan[shapes.RatesShown]:
        """Says how much matched by counterparty and week, and what was settled in time."""
        return self._call("GET", path_of("reports", "match-rates"))

    @verb
    def export_reconciliation(
        self,
        code: Of,
        *,
        kind: Literal["csv", "xlsx", "json", "xml", "parquet", "emir", "cftc", "mifir"] | Left = Left.OUT,
    ) -> Plan[bytes]:
        """Takes a run's groups away, or its extract for a regulator (which no repository has validated)."""
        return self._download(path_of("reports", "runs", code, "export"), query=given(kind=kind))

    @verb
    def read_statements(self, *, business_date: date | str | Left = Left.OUT) -> Plan[shapes.StatementsShown]:
        """Says which sources' files of a day came, are still to come, or are late."""
        return self._call("GET", path_of("reports", "statements"), query=given(business_date=business_date))

    @verb
    def list_result_columns(self) -> Plan[shapes.ColumnList]:
        """Lists the columns of results, with the words of their codes."""
        return self._call("GET", path_of("result-columns"))

    @verb
    def read_role_run(self, code: Of) -> Plan[shapes.RoleRunShown]:
        """Reads a pass of the roles with every call and answer."""
        return self._call("GET", path_of("role-runs", code))

    @listing
    def list_rule_sets(
        self,
        *,
        family: str | Left = Left.OUT,
        status: Literal["draft", "waiting", "active"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.VersionLine]:
        """Lists the versions the caller may read."""
        return self._pages(path_of("rule-sets"), query=given(family=family, status=status, limit=page_size))

    @verb
    def import_rule_set(self, *, document: dict[str, Any], idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Makes a draft of a document, as the next version of its family."""
        return self._call("POST", path_of("rule-sets"), body=given(document=document), key=idempotency_key)

    @verb
    def read_rule_set(self, code: Of) -> Plan[shapes.VersionShown]:
        """Reads a version with its tables."""
        return self._call("GET", path_of("rule-sets", code))

    @verb
    def edit_rule_set(
        self,
        code: Of,
        *,
        revision: int | Left = Left.OUT,
        cells: dict[str, shapes.CellValueRequest] | Left = Left.OUT,
        name: str | Left = Left.OUT,
        effective_from: date | str | Left = Left.OUT,
        notes: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.VersionShown]:
        """Changes cells of a draft; `revision` is the one that was read."""
        return self._call(
            "PATCH",
            path_of("rule-sets", code),
            body=given(revision=revision, cells=cells, name=name, effective_from=effective_from, notes=notes),
            key=idempotency_key,
        )

    @verb
    def delete_rule_set(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a draft."""
        return self._call("DELETE", path_of("rule-sets", code), key=idempotency_key)

    @verb
    def approve_rule_set(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Approves a version; who wrote a part of it may not."""
        return self._call("POST", path_of("rule-sets", code, "approve"), key=idempotency_key)

    @verb
    def copy_rule_set(
        self, code: Of, *, scope: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Makes the next version as a draft with the same content."""
        return self._call("POST", path_of("rule-sets", code, "copy"), body=given(scope=scope), key=idempotency_key)

    @verb
    def export_rule_set(self, code: Of) -> Plan[shapes.Document]:
        """Takes a version away as a document."""
        return self._call("GET", path_of("rule-sets", code, "export"))

    @verb
    def reject_rule_set(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.VersionShown]:
        """Sends a version back to its author, with the reason."""
        return self._call("POST", path_of("rule-sets", code, "reject"), body=given(reason=reason), key=idempotency_key)

    @verb
    def submit_rule_set(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.VersionShown]:
        """Sends a draft to a second administrator."""
        return self._call("POST", path_of("rule-sets", code, "submit"), key=idempotency_key)

    @listing
    def list_runs(
        self,
        *,
        project: Of | Left = Left.OUT,
        state: Literal["queued", "working", "done", "failed", "cancelled"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.RunLine]:
        """Lists runs, the latest first."""
        return self._pages(path_of("runs"), query=given(project=project, state=state, limit=page_size))

    @verb
    def read_run(self, code: Of) -> Plan[shapes.RunShown]:
        """Reads a run; its progress is that of the job of the same code."""
        return self._call("GET", path_of("runs", code))

    @verb
    def rejudge_run(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.RejudgedShown]:
        """Judges the best permutations of a run again under its own rules."""
        return self._call("POST", path_of("runs", code, "rejudge"), key=idempotency_key)

    @listing
    def list_results(
        self,
        code: Of,
        *,
        column: Sequence[str] | Left = Left.OUT,
        filter: Sequence[str] | Left = Left.OUT,
        sort: Sequence[str] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.Figures]:
        """Lists rows of a run: filtered, sorted, in pages."""
        return self._pages(
            path_of("runs", code, "results"), query=given(column=column, filter=filter, sort=sort, limit=page_size)
        )

    @verb
    def read_result(self, code: Of, index: int) -> Plan[shapes.ResultRow]:
        """Reads one permutation of a run with every column."""
        return self._call("GET", path_of("runs", code, "results", index))

    @verb
    def open_result(self, code: Of, index: int, *, idempotency_key: str = "") -> Plan[shapes.FinancingShown]:
        """Opens a permutation of a run as a financing; the same values are the same financing."""
        return self._call("POST", path_of("runs", code, "results", index, "open"), key=idempotency_key)

    @verb
    def export_results(
        self,
        code: Of,
        *,
        column: Sequence[str] | Left = Left.OUT,
        filter: Sequence[str] | Left = Left.OUT,
        format: Literal["csv", "parquet", "arrow", "excel"] | Left = Left.OUT,
        sort: Sequence[str] | Left = Left.OUT,
    ) -> Plan[bytes]:
        """Takes every row that passes the filters away: CSV, Parquet, Arrow or a workbook, codes as words."""
        return self._download(
            path_of("runs", code, "results", "export"),
            query=given(column=column, filter=filter, format=format, sort=sort),
        )

    @verb
    def resume_run(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.RunShown]:
        """Takes a cancelled or failed run up from its finished part."""
        return self._call("POST", path_of("runs", code, "resume"), key=idempotency_key)

    @listing
    def list_searches(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.SearchShown]:
        """Lists the searches of a run, the latest first."""
        return self._pages(path_of("runs", code, "searches"), query=given(limit=page_size))

    @verb
    def start_search(
        self,
        code: Of,
        *,
        objective: shapes.ObjectiveEnum | Left = Left.OUT,
        limits: Sequence[shapes.LimitGivenRequest] | Left = Left.OUT,
        levers: dict[str, Any] | Left = Left.OUT,
        seed: int | Left = Left.OUT,
        effort: int | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.SearchShown]:
        """Asks for the best structure between the points of a finished run, under limits; a worker looks for it."""
        return self._call(
            "POST",
            path_of("runs", code, "searches"),
            body=given(objective=objective, limits=limits, levers=levers, seed=seed, effort=effort),
            key=idempotency_key,
        )

    @verb
    def read_run_summary(self, code: Of) -> Plan[shapes.SummaryShown]:
        """Reads what a run found, at a glance; empty until it is done."""
        return self._call("GET", path_of("runs", code, "summary"))

    @listing
    def list_scenario_sets(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.ScenarioSetShown]:
        """Lists the caller's sets and those that are shared."""
        return self._pages(path_of("scenario-sets"), query=given(limit=page_size))

    @verb
    def create_scenario_set(
        self, *, name: str, scenarios: Sequence[shapes.Scenarios], idempotency_key: str = ""
    ) -> Plan[shapes.ScenarioSetShown]:
        """Keeps scenarios under a name."""
        return self._call(
            "POST", path_of("scenario-sets"), body=given(name=name, scenarios=scenarios), key=idempotency_key
        )

    @verb
    def read_scenario_set(self, code: Of) -> Plan[shapes.ScenarioSetShown]:
        """Reads a set."""
        return self._call("GET", path_of("scenario-sets", code))

    @verb
    def edit_scenario_set(
        self, code: Of, *, name: str, scenarios: Sequence[shapes.Scenarios], idempotency_key: str = ""
    ) -> Plan[shapes.ScenarioSetShown]:
        """Changes a set."""
        return self._call(
            "PUT", path_of("scenario-sets", code), body=given(name=name, scenarios=scenarios), key=idempotency_key
        )

    @verb
    def delete_scenario_set(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a set."""
        return self._call("DELETE", path_of("scenario-sets", code), key=idempotency_key)

    @verb
    def share_scenario_set(
        self, code: Of, *, is_shared: bool, idempotency_key: str = ""
    ) -> Plan[shapes.ScenarioSetShown]:
        """Shares a set with everybody, or takes it back."""
        return self._call(
            "POST", path_of("scenario-sets", code, "share"), body=given(is_shared=is_shared), key=idempotency_key
        )

    @verb
    def read_search(self, code: Of) -> Plan[shapes.SearchShown]:
        """Reads a search; its progress is that of the job of the same code."""
        return self._call("GET", path_of("searches", code))

    @verb
    def open_found(self, code: Of, index: int, *, idempotency_key: str = "") -> Plan[shapes.FinancingShown]:
        """Opens a structure that a search found, by its place among the points of its summary, as a financing."""
        return self._call("POST", path_of("searches", code, "points", index, "open"), key=idempotency_key)

    @listing
    def list_series(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.SeriesShown]:
        """Lists series."""
        return self._pages(path_of("series"), query=given(limit=page_size))

    @verb
    def create_series(self, *, title: str, idempotency_key: str = "") -> Plan[shapes.SeriesShown]:
        """Makes a series, the caller's last."""
        return self._call("POST", path_of("series"), body=given(title=title), key=idempotency_key)

    @verb
    def read_series(self, code: Of) -> Plan[shapes.SeriesShown]:
        """Reads a series."""
        return self._call("GET", path_of("series", code))

    @verb
    def rename_series(self, code: Of, *, title: str, idempotency_key: str = "") -> Plan[shapes.SeriesShown]:
        """Gives a series another name."""
        return self._call("PUT", path_of("series", code), body=given(title=title), key=idempotency_key)

    @verb
    def delete_series(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Deletes a series; its projects are in none."""
        return self._call("DELETE", path_of("series", code), key=idempotency_key)

    @verb
    def move_series(self, code: Of, *, places: int, idempotency_key: str = "") -> Plan[shapes.SeriesShown]:
        """Moves a series among its owner's."""
        return self._call("POST", path_of("series", code, "move"), body=given(places=places), key=idempotency_key)

    @verb
    def read_simulation(self, code: Of) -> Plan[shapes.SimulationShown]:
        """Reads a simulation."""
        return self._call("GET", path_of("simulations", code))

    @verb
    def read_snapshot(self, code: Of) -> Plan[shapes.SnapshotShown]:
        """Reads a snapshot."""
        return self._call("GET", path_of("snapshots", code))

    @listing
    def list_strategies(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.StrategyShown]:
        """Lists strategies, the latest first."""
        return self._pages(path_of("strategies"), query=given(limit=page_size))

    @verb
    def make_strategy(
        self, *, name: str, universe: Of, limits: str, idempotency_key: str = ""
    ) -> Plan[shapes.StrategyShown]:
        """Begins a strategy on a universe."""
        return self._call(
            "POST", path_of("strategies"), body=given(name=name, universe=universe, limits=limits), key=idempotency_key
        )

    @verb
    def read_strategy(self, code: Of) -> Plan[shapes.StrategyShown]:
        """Reads a strategy with its version."""
        return self._call("GET", path_of("strategies", code))

    @verb
    def backtest_strategy(
        self, code: Of, *, terms: dict[str, Any] | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.StrategyRunShown]:
        """Trades the version through its prices."""
        return self._call("POST", path_of("strategies", code, "backtest"), body=given(terms=terms), key=idempotency_key)

    @listing
    def list_checks(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.CheckShown]:
        """Lists the checks of a strategy, the latest first."""
        return self._pages(path_of("strategies", code, "compliance", "history"), query=given(limit=page_size))

    @verb
    def check_strategy(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.CheckShown]:
        """Checks the version's orders against the limits in force."""
        return self._call("POST", path_of("strategies", code, "compliance", "pretrade"), key=idempotency_key)

    @verb
    def export_strategy(
        self, code: Of, *, form: shapes.FormEnum, idempotency_key: str = ""
    ) -> Plan[shapes.ExportShown]:
        """Makes a file of the approved version."""
        return self._call("POST", path_of("strategies", code, "export"), body=given(form=form), key=idempotency_key)

    @verb
    def optimise_strategy(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.StrategyRunShown]:
        """Makes the version's portfolio, or says which limits conflict."""
        return self._call("POST", path_of("strategies", code, "optimize"), key=idempotency_key)

    @listing
    def list_orders(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.OrderShown]:
        """Lists the paper orders of a strategy."""
        return self._pages(path_of("strategies", code, "orders"), query=given(limit=page_size))

    @verb
    def draw_up_orders(
        self, code: Of, *, lot_shares: int | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.StrategyShown]:
        """Draws up paper orders of the approved version; list_orders reads them."""
        return self._call(
            "POST", path_of("strategies", code, "orders"), body=given(lot_shares=lot_shares), key=idempotency_key
        )

    @verb
    def measure_risk(
        self, code: Of, *, terms: dict[str, Any] | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.StrategyRunShown]:
        """Measures the risk of the version's portfolio."""
        return self._call("POST", path_of("strategies", code, "risk"), body=given(terms=terms), key=idempotency_key)

    @verb
    def read_risk_metrics(self, code: Of) -> Plan[shapes.StrategyRunShown]:
        """Reads the last risk of the version that holds."""
        return self._call("GET", path_of("strategies", code, "risk-metrics"))

    @verb
    def run_roles(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.StrategyRunShown]:
        """Puts the four roles to work on the version; what their tools lack is run on the way. Once the run is done,"""
        return self._call("POST", path_of("strategies", code, "roles"), key=idempotency_key)

    @listing
    def list_strategy_runs(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.StrategyRunShown]:
        """Lists what was worked out of a strategy, the latest first."""
        return self._pages(path_of("strategies", code, "runs"), query=given(limit=page_size))

    @verb
    def run_scenarios(
        self, code: Of, *, terms: dict[str, Any] | Left = Left.OUT, scenario_set: Of, idempotency_key: str = ""
    ) -> Plan[shapes.StrategyRunShown]:
        """Tries a set of shocks on the version's portfolio."""
        return self._call(
            "POST",
            path_of("strategies", code, "scenarios"),
            body=given(terms=terms, scenario_set=scenario_set),
            key=idempotency_key,
        )

    @verb
    def run_signals(
        self, code: Of, *, terms: dict[str, Any] | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.StrategyRunShown]:
        """Scores the universe by the version's recipe, and measures the score."""
        return self._call(
            "POST", path_of("strategies", code, "signals", "run"), body=given(terms=terms), key=idempotency_key
        )

    @listing
    def list_steps(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.DecisionShown]:
        """Lists the steps that a strategy took."""
        return self._pages(path_of("strategies", code, "steps"), query=given(limit=page_size))

    @verb
    def take_step(
        self,
        code: Of,
        *,
        step: shapes.StepEnum,
        reason: str | Left = Left.OUT,
        check_hash: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.DecisionShown]:
        """Takes a step: submits, passes on, sends back, signs off, archives."""
        return self._call(
            "POST",
            path_of("strategies", code, "steps"),
            body=given(step=step, reason=reason, check_hash=check_hash),
            key=idempotency_key,
        )

    @listing
    def list_strategy_versions(
        self, code: Of, *, page_size: int | Left = Left.OUT
    ) -> Items[shapes.StrategyVersionShown]:
        """Lists the versions of a strategy, the last first."""
        return self._pages(path_of("strategies", code, "versions"), query=given(limit=page_size))

    @verb
    def change_strategy(
        self,
        code: Of,
        *,
        signal: dict[str, Any] | Left = Left.OUT,
        construction: dict[str, Any] | Left = Left.OUT,
        costs: dict[str, Any] | Left = Left.OUT,
        rebalance: str | Left = Left.OUT,
        benchmark: str | Left = Left.OUT,
        note: str | Left = Left.OUT,
        based_on: int,
        idempotency_key: str = "",
    ) -> Plan[shapes.StrategyVersionShown]:
        """Adds a version with one part changed; refused where somebody added one meanwhile, in review and after it."""
        return self._call(
            "POST",
            path_of("strategies", code, "versions"),
            body=given(
                signal=signal,
                construction=construction,
                costs=costs,
                rebalance=rebalance,
                benchmark=benchmark,
                note=note,
                based_on=based_on,
            ),
            key=idempotency_key,
        )

    @verb
    def read_strategy_run(self, code: Of) -> Plan[shapes.StrategyRunShown]:
        """Reads a run; its progress is that of the job of the same code."""
        return self._call("GET", path_of("strategy-runs", code))

    @listing
    def list_structures(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.StructureShown]:
        """Lists structures of notes, the latest first."""
        return self._pages(path_of("structures"), query=given(limit=page_size))

    @verb
    def make_structure(
        self,
        *,
        name: str,
        pool: Of,
        content: dict[str, Any] | Left | None = Left.OUT,
        behaviour: dict[str, Any] | Left | None = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.StructureShown]:
        """Makes a structure on a pool."""
        return self._call(
            "POST",
            path_of("structures"),
            body=given(name=name, pool=pool, content=content, behaviour=behaviour),
            key=idempotency_key,
        )

    @verb
    def read_structure(self, code: Of) -> Plan[shapes.StructureShown]:
        """Reads a structure with its last version."""
        return self._call("GET", path_of("structures", code))

    @listing
    def list_notes_runs(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.NotesRunShown]:
        """Lists the runs of a structure, the latest first."""
        return self._pages(path_of("structures", code, "runs"), query=given(limit=page_size))

    @verb
    def run_structure(
        self,
        code: Of,
        *,
        cpr_rates: Sequence[float] | Left = Left.OUT,
        cdr_rates: Sequence[float] | Left = Left.OUT,
        yield_shift_bps: float | Left = Left.OUT,
        correlation_ratio: float | Left = Left.OUT,
        scenarios: Sequence[dict[str, Any]] | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.NotesRunShown]:
        """Runs the last version of a structure; a worker does it."""
        return self._call(
            "POST",
            path_of("structures", code, "runs"),
            body=given(
                cpr_rates=cpr_rates,
                cdr_rates=cdr_rates,
                yield_shift_bps=yield_shift_bps,
                correlation_ratio=correlation_ratio,
                scenarios=scenarios,
            ),
            key=idempotency_key,
        )

    @verb
    def tap_structure(
        self,
        code: Of,
        *,
        beside: str,
        series: str,
        balance_amount: float,
        coupon_rate: float | Left = Left.OUT,
        margin_bps: float | Left = Left.OUT,
        payments: int | Left = Left.OUT,
        further: Of | Left | None = Left.OUT,
        based_on: int,
        note: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.StructureVersionShown]:
        """Issues a further series; refused where a class that stands would be rated or covered worse."""
        return self._call(
            "POST",
            path_of("structures", code, "series"),
            body=given(
                beside=beside,
                series=series,
                balance_amount=balance_amount,
                coupon_rate=coupon_rate,
                margin_bps=margin_bps,
                payments=payments,
                further=further,
                based_on=based_on,
                note=note,
            ),
            key=idempotency_key,
        )

    @verb
    def solve_size(
        self,
        code: Of,
        *,
        class_code: str,
        taken_from: str | Left = Left.OUT,
        keeps_ratings: bool | Left = Left.OUT,
        is_repaid: bool | Left = Left.OUT,
        equity_yield_rate: float | Left | None = Left.OUT,
        repaid_at_cdr_rate: float | Left | None = Left.OUT,
        correlation_ratio: float | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.SizeShown]:
        """Solves the largest balance of a class of the last version; nothing is kept."""
        return self._call(
            "POST",
            path_of("structures", code, "size"),
            body=given(
                class_code=class_code,
                taken_from=taken_from,
                keeps_ratings=keeps_ratings,
                is_repaid=is_repaid,
                equity_yield_rate=equity_yield_rate,
                repaid_at_cdr_rate=repaid_at_cdr_rate,
                correlation_ratio=correlation_ratio,
            ),
            key=idempotency_key,
        )

    @listing
    def list_structure_versions(
        self, code: Of, *, page_size: int | Left = Left.OUT
    ) -> Items[shapes.StructureVersionShown]:
        """Lists the versions of a structure, the last first."""
        return self._pages(path_of("structures", code, "versions"), query=given(limit=page_size))

    @verb
    def change_structure(
        self,
        code: Of,
        *,
        content: dict[str, Any],
        behaviour: dict[str, Any],
        based_on: int,
        note: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.StructureVersionShown]:
        """Adds a version; refused where somebody added one since the version it is based on."""
        return self._call(
            "POST",
            path_of("structures", code, "versions"),
            body=given(content=content, behaviour=behaviour, based_on=based_on, note=note),
            key=idempotency_key,
        )

    @verb
    def run_structures(
        self,
        *,
        cpr_rates: Sequence[float] | Left = Left.OUT,
        cdr_rates: Sequence[float] | Left = Left.OUT,
        yield_shift_bps: float | Left = Left.OUT,
        correlation_ratio: float | Left = Left.OUT,
        scenarios: Sequence[dict[str, Any]] | Left = Left.OUT,
        versions: Sequence[Of],
        idempotency_key: str = "",
    ) -> Plan[shapes.NotesRunsShown]:
        """Runs versions of structures at once: every one, or none where one is refused."""
        return self._call(
            "POST",
            path_of("structures", "runs"),
            body=given(
                cpr_rates=cpr_rates,
                cdr_rates=cdr_rates,
                yield_shift_bps=yield_shift_bps,
                correlation_ratio=correlation_ratio,
                scenarios=scenarios,
                versions=versions,
            ),
            key=idempotency_key,
        )

    @listing
    def list_submissions(
        self,
        *,
        project: Of | Left = Left.OUT,
        status: Literal["pending", "approved", "rejected", "withdrawn", "superseded"] | Left = Left.OUT,
        page_size: int | Left = Left.OUT,
    ) -> Items[shapes.SubmissionShown]:
        """Lists submissions and change requests, the latest first."""
        return self._pages(path_of("submissions"), query=given(project=project, status=status, limit=page_size))

    @verb
    def read_submission(self, code: Of) -> Plan[shapes.SubmissionShown]:
        """Reads a submission."""
        return self._call("GET", path_of("submissions", code))

    @verb
    def approve_submission(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.SubmissionShown]:
        """Approves a submission: its snapshot is what runs take from now on."""
        return self._call(
            "POST", path_of("submissions", code, "approve"), body=given(reason=reason), key=idempotency_key
        )

    @listing
    def list_submission_comments(
        self, code: Of, *, page_size: int | Left = Left.OUT
    ) -> Items[shapes.SubmissionCommentShown]:
        """Lists what was said about a submission, the latest first; `place` is the input's path, empty for the whole."""
        return self._pages(path_of("submissions", code, "comments"), query=given(limit=page_size))

    @verb
    def comment_on_submission(
        self, code: Of, *, place: str | Left = Left.OUT, text: str, idempotency_key: str = ""
    ) -> Plan[shapes.SubmissionCommentShown]:
        """Comments on a submission or one of its inputs; those concerned are told."""
        return self._call(
            "POST", path_of("submissions", code, "comments"), body=given(place=place, text=text), key=idempotency_key
        )

    @verb
    def read_impact(self, code: Of) -> Plan[shapes.ImpactShown]:
        """Reads what a change request does to the best structures of the latest run."""
        return self._call("GET", path_of("submissions", code, "impact"))

    @verb
    def request_impact(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.ImpactShown]:
        """Asks for the impact where it is not known."""
        return self._call("POST", path_of("submissions", code, "impact"), key=idempotency_key)

    @verb
    def reject_submission(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.SubmissionShown]:
        """Rejects a submission, for a reason its owner reads."""
        return self._call(
            "POST", path_of("submissions", code, "reject"), body=given(reason=reason), key=idempotency_key
        )

    @verb
    def withdraw_submission(
        self, code: Of, *, reason: str | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.SubmissionShown]:
        """Withdraws a submission; the inputs stay as they are."""
        return self._call(
            "POST", path_of("submissions", code, "withdraw"), body=given(reason=reason), key=idempotency_key
        )

    @listing
    def list_tokens(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.TokenShown]:
        """Lists the caller's tokens; to an administrator everybody's."""
        return self._pages(path_of("tokens"), query=given(limit=page_size))

    @verb
    def revoke_token(self, code: Of, *, idempotency_key: str = "") -> Plan[shapes.TokenShown]:
        """Revokes a token: it opens nothing from now on."""
        return self._call("POST", path_of("tokens", code, "revoke"), key=idempotency_key)

    @listing
    def list_universes(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.UniverseShown]:
        """Lists universes with their members."""
        return self._pages(path_of("universes"), query=given(limit=page_size))

    @verb
    def make_universe(
        self, *, members: Sequence[dict[str, Any]] | Left = Left.OUT, desk: Of, name: str, idempotency_key: str = ""
    ) -> Plan[shapes.UniverseShown]:
        """Makes a universe on a desk."""
        return self._call(
            "POST", path_of("universes"), body=given(members=members, desk=desk, name=name), key=idempotency_key
        )

    @verb
    def upload_panel(
        self,
        code: Of,
        *,
        file: Upload,
        kind: shapes.KindEnum | Left = Left.OUT,
        sender: str | Left = Left.OUT,
        idempotency_key: str = "",
    ) -> Plan[shapes.PanelShown]:
        """Takes a panel in: applied where nothing is wrong with it, else open, to be mended on its page."""
        return self._call("POST", path_of("universes", code, "data", "upload"), upload=file, key=idempotency_key)

    @listing
    def list_datasets(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.DatasetShown]:
        """Lists the panels of a universe."""
        return self._pages(path_of("universes", code, "datasets"), query=given(limit=page_size))

    @verb
    def list_members(self, code: Of) -> Plan[shapes.UniverseShown]:
        """Reads a universe with its members."""
        return self._call("GET", path_of("universes", code, "members"))

    @verb
    def put_members(
        self, code: Of, *, members: Sequence[dict[str, Any]], idempotency_key: str = ""
    ) -> Plan[shapes.UniverseShown]:
        """Puts members in, or changes their days: those of other names stay."""
        return self._call(
            "POST", path_of("universes", code, "members"), body=given(members=members), key=idempotency_key
        )

    @listing
    def list_webhooks(self, *, page_size: int | Left = Left.OUT) -> Items[shapes.WebhookShown]:
        """Lists the caller's webhooks."""
        return self._pages(path_of("webhooks"), query=given(limit=page_size))

    @verb
    def create_webhook(
        self, *, url: str, kinds: Sequence[str] | Left = Left.OUT, idempotency_key: str = ""
    ) -> Plan[shapes.WebhookMade]:
        """Has an address told what the caller is told: signed, and again until it is taken."""
        return self._call("POST", path_of("webhooks"), body=given(url=url, kinds=kinds), key=idempotency_key)

    @verb
    def read_webhook(self, code: Of) -> Plan[shapes.WebhookShown]:
        """Reads a webhook."""
        return self._call("GET", path_of("webhooks", code))

    @verb
    def end_webhook(self, code: Of, *, idempotency_key: str = "") -> Plan[None]:
        """Ends a webhook; what waits is not delivered."""
        return self._call("DELETE", path_of("webhooks", code), key=idempotency_key)

    @listing
    def list_deliveries(self, code: Of, *, page_size: int | Left = Left.OUT) -> Items[shapes.DeliveryShown]:
        """Lists what a webhook was told, the latest first."""
        return self._pages(path_of("webhooks", code, "deliveries"), query=given(limit=page_size))

    @verb
    def download_template(self) -> Plan[bytes]:
        """Takes the empty workbook away."""
        return self._download(path_of("workbooks"))

    @verb
    def import_workbook(self, *, file: Upload, idempotency_key: str = "") -> Plan[shapes.ImportedShown]:
        """Enters a project by workbook: a draft where values are missing."""
        return self._call("POST", path_of("workbooks"), upload=file, key=idempotency_key)
