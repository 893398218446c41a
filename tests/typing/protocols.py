"""Who is what to whom: each implementation handed in where its protocol is asked for. Nothing here
runs; `mypy`, which make lint starts, holds it.
"""
from __future__ import annotations

from uuid import UUID

from myjoe.costs.meter import StepMeter
from myjoe.database.acting import Connection, as_admin, as_service, as_user
from myjoe.database.connection import RetryingConnection
from myjoe.database.protocol import Database
from myjoe.providers.brain import OpenAIBrain
from myjoe.providers.protocol import Brain, Meter
from myjoe.providers.sketch_brain import SketchBrain
from myjoe.storage.folder import FolderStorage
from myjoe.storage.protocol import Storage
from myjoe.storage.s3 import S3Storage
from myjoe.storage.supabase import SupabaseStorage
from myjoe_worker.judging.openai_judge import OpenAIJudge
from myjoe_worker.judging.protocol import Judge
from myjoe_worker.leases.lease import Lease
from myjoe_worker.limits import Limits
from myjoe_worker.page_pipeline import Held, Slots
from myjoe_worker.providers.flux import Flux
from myjoe_worker.providers.protocol import Artist, Upscaler
from myjoe_worker.providers.recraft import Recraft
from myjoe_worker.providers.upscaler import RealEsrgan
from myjoe_worker.queues.pgmq import PgmqQueue
from myjoe_worker.queues.postgres import PostgresQueue
from myjoe_worker.queues.queue import Queue
from myjoe_worker.sketching.sketch import SketchArtist, SketchUpscaler


def databases(connection: RetryingConnection, user: UUID) -> list[Database]:
    """A connection by itself, and in each name."""
    acting: list[Connection] = [connection]
    return [connection, *map(as_admin, acting), *map(as_service, acting), as_user(connection, user)]


def storages(folder: FolderStorage, s3: S3Storage, supabase: SupabaseStorage) -> list[Storage]:
    """Where pages go."""
    return [folder, s3, supabase]


def brains(openai: OpenAIBrain, sketch: SketchBrain) -> list[Brain]:
    """Who plans."""
    return [openai, sketch]


def artists(flux: Flux, recraft: Recraft, sketch: SketchArtist) -> list[Artist]:
    """Who draws."""
    return [flux, recraft, sketch]


def upscalers(esrgan: RealEsrgan, recraft: Recraft, sketch: SketchUpscaler) -> list[Upscaler]:
    """Who enlarges."""
    return [esrgan, recraft, sketch]


def judges(openai: OpenAIJudge) -> list[Judge]:
    """Who looks at a page."""
    return [openai]


def meters(step: StepMeter) -> list[Meter]:
    """Who books calls."""
    return [step]


def queues(table: PostgresQueue, pgmq: PgmqQueue) -> list[Queue]:
    """Where jobs come from."""
    return [table, pgmq]


def services(lease: Lease, limits: Limits) -> tuple[Held, Slots]:
    """What the page's path is handed."""
    return lease, limits
