"""The resource for Azure Data Lake Storage Gen2, and its credentials."""

from __future__ import annotations

import os
import urllib.parse
from typing import Any, Literal

from pydantic import Field, PrivateAttr

from headrace import redaction
from headrace.config import Config
from headrace.config_schema import Field as SchemaField
from headrace.config_schema import Permissive, Selector, StringSource
from headrace.init_resource_context import InitResourceContext
from headrace.resource import ConfigurableResource
from headrace.resource_definition import resource
from headrace.stores.extras import need
from headrace.stores.store_error import StoreRefusedError

_SUFFIX = "core.windows.net"
_ENDPOINT = "HEADRACE_ADLS2_ENDPOINT"


class ADLS2SASToken(Config):
    """A shared access signature: of the account, or of one container. Its leading `?` may be left out."""

    credential_type: Literal["sas"] = "sas"
    token: str | None = None


class ADLS2Key(Config):
    """The account's key."""

    credential_type: Literal["key"] = "key"
    key: str | None = Field(default=None, json_schema_extra={"is_secret": True})


class ADLS2DefaultAzureCredential(Config):
    """Whatever azure-identity's `DefaultAzureCredential` finds: environment, managed identity, `az login`."""

    credential_type: Literal["default_azure_credential"] = "default_azure_credential"
    kwargs: dict[str, Any]


class ADLS2Resource(ConfigurableResource):
    """Gives access to an Azure storage account through Azure's own clients.

    `blob_client` (also `get_client()`) speaks the blob API, `adls2_client` the Data Lake API. The variable
    `HEADRACE_ADLS2_ENDPOINT` (or the field `endpoint`) leads to an emulator.
    """

    storage_account: str = Field(description="Name of the storage account.")
    credential: ADLS2SASToken | ADLS2Key | ADLS2DefaultAzureCredential = Field(
        discriminator="credential_type", description="How to authenticate."
    )
    endpoint_suffix: str = Field(default=_SUFFIX, description="End of the account's host name in this cloud.")
    endpoint: str | None = Field(
        default=None, description="Address of the blob service, where it is not Azure's: http://127.0.0.1:10000/account"
    )
    _clients: dict[str, Any] = PrivateAttr(default_factory=dict)

    def get_client(self) -> Any:
        """The same as `blob_client`."""
        return self.blob_client

    @property
    def blob_client(self) -> Any:
        """A `BlobServiceClient` of azure-storage-blob."""
        if "blob" not in self._clients:
            self._clients["blob"] = self.new_blob_client()
        return self._clients["blob"]

    @property
    def adls2_client(self) -> Any:
        """A `DataLakeServiceClient` of azure-storage-file-datalake."""
        if "adls2" not in self._clients:
            datalake = need("azure.storage.filedatalake", "azure")
            self._clients["adls2"] = datalake.DataLakeServiceClient(self._url("dfs"), self._raw_credential())
        return self._clients["adls2"]

    @property
    def lease_client_constructor(self) -> Any:
        """The class of lease clients."""
        return need("azure.storage.filedatalake", "azure").DataLakeLeaseClient

    def new_blob_client(self, **options: Any) -> Any:
        """Another `BlobServiceClient`, with options of Azure's."""
        blob = need("azure.storage.blob", "azure")
        return blob.BlobServiceClient(self._url("blob"), self._raw_credential(), **options)

    def check_credential(self, container: str) -> None:
        """Refuse what cannot be a credential before anything is sent: the cloud's answer would say less."""
        where = f'container "{container}" of storage account "{self.storage_account}"'
        if isinstance(self.credential, ADLS2SASToken):
            token = (self.credential.token or "").lstrip("?")
            parameters = urllib.parse.parse_qs(token)
            if not parameters.get("sig") or not parameters.get("sv"):
                raise StoreRefusedError(
                    f"The SAS token for {where} is not complete: it has no {'signature (sig=…)' if token else 'text'}. "
                    f"Give the ADLS2 resource a SAS token for {where} that allows to read, write and create, best as "
                    'EnvVar("…") (older form: {"env": "…"}).'
                )
        if isinstance(self.credential, ADLS2Key) and not self.credential.key:
            raise StoreRefusedError(f"The key for {where} is empty. Give the ADLS2 resource the account's key.")

    def _url(self, service: str) -> str:
        endpoint = self.endpoint or os.environ.get(_ENDPOINT)
        return endpoint or f"https://{self.storage_account}.{service}.{self.endpoint_suffix}/"

    def _raw_credential(self) -> Any:
        if isinstance(self.credential, ADLS2SASToken):
            token = (self.credential.token or "").lstrip("?")
            _hide(token)
            return need("azure.core.credentials", "azure").AzureSasCredential(token)
        if isinstance(self.credential, ADLS2Key):
            # Named, since the address of an emulator does not say which account it is.
            return {"account_name": self.storage_account, "account_key": self.credential.key}
        identity = need("azure.identity", "azure")
        return identity.DefaultAzureCredential(**self.credential.kwargs)


def _hide(token: str) -> None:
    """Azure's clients may show the token's parts by themselves, and decoded."""
    redaction.add_secret(token)
    for signature in urllib.parse.parse_qs(token).get("sig", ()):
        redaction.add_secret(signature)


ADLS2_CLIENT_CONFIG = {
    "storage_account": SchemaField(StringSource, description="Name of the storage account."),
    "credential": SchemaField(
        Selector(
            {
                "sas": SchemaField(StringSource, description="SAS token.", is_secret=True),
                "key": SchemaField(StringSource, description="The account's key.", is_secret=True),
                "DefaultAzureCredential": SchemaField(
                    Permissive(), description="Arguments of azure-identity's DefaultAzureCredential."
                ),
            }
        ),
        description="How to authenticate.",
    ),
    "endpoint_suffix": SchemaField(
        StringSource, is_required=False, default_value=_SUFFIX, description="End of the account's host name."
    ),
    "endpoint": SchemaField(
        StringSource, is_required=False, description="Address of the blob service, where it is not Azure's."
    ),
}


@resource(config_schema=ADLS2_CLIENT_CONFIG)
def adls2_resource(context: InitResourceContext) -> ADLS2Resource:
    """Access to an Azure storage account: an `ADLS2Resource`."""
    config = context.resource_config
    kind, value = next(iter(config["credential"].items()))
    credential: Any
    if kind == "sas":
        credential = ADLS2SASToken(token=value)
    elif kind == "key":
        credential = ADLS2Key(key=value)
    else:
        credential = ADLS2DefaultAzureCredential(kwargs=value or {})
    return ADLS2Resource(
        storage_account=config["storage_account"],
        credential=credential,
        endpoint_suffix=config["endpoint_suffix"],
        endpoint=config.get("endpoint"),
    )
