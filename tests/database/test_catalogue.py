"""What the catalogue itself must show, after Supabase's lints (Splinter), under its old grants and
its new ones.
"""
from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator

import psycopg
import pytest

from myjoe.database.migrating import supabase_folder
from myjoe.database.server import SUPERUSER, Server
from tests.database import support

# Each finds breaches: one row each, none expected. The numbers are Splinter's.
LINTS = {
    "0001 foreign keys have an index": """
        select c.conrelid::regclass, c.conname from pg_constraint c
        where c.contype = 'f' and ours(c.connamespace) and not exists (
          select from pg_index i where i.indrelid = c.conrelid and i.indpred is null
            and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)""",
    "0002 auth.users is not exposed by a view": """
        select v.oid::regclass from pg_class v join pg_rewrite r on r.ev_class = v.oid join pg_depend d on d.objid = r.oid
        where v.relkind in ('v', 'm') and ours(v.relnamespace) and d.refobjid = 'auth.users'::regclass""",
    "0003 policies ask auth once, not per row": r"""
        select polrelid::regclass, polname from pg_policy
        cross join lateral (
          select coalesce(pg_get_expr(polqual, polrelid), '') || ' ' || coalesce(pg_get_expr(polwithcheck, polrelid), '')) e (x)
        where regexp_replace(x, '\( SELECT (auth|realtime)\.\w+\(\)', '', 'gi') ~* '(auth|realtime)\.\w+\(\)|current_setting\('""",
    "0004 tables have a primary key": """
        select oid::regclass from pg_class c where relkind = 'r' and ours(relnamespace)
          and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)""",
    "0006 one permissive policy per role and action": """
        select polrelid::regclass, role, command from pg_policy, unnest(polroles) role,
          unnest(case polcmd when '*' then array['r','a','w','d'] else array[polcmd::text] end) command
        where polpermissive and ours((select relnamespace from pg_class where oid = polrelid)) group by 1, 2, 3 having count(*) > 1""",
    "0007, 0013 row level security is on everywhere": """
        select oid::regclass from pg_class where relkind in ('r', 'p') and ours(relnamespace) and not relrowsecurity""",
    "0008 every table has a policy": """
        select oid::regclass from pg_class c where relkind in ('r', 'p') and ours(relnamespace)
          and not exists (select from pg_policy where polrelid = c.oid)""",
    "0009 no index twice": """
        select indrelid::regclass, array_agg(indexrelid::regclass) from pg_index
        where ours((select relnamespace from pg_class where oid = indrelid))
        group by indrelid, indkey::text, indclass::text, indoption::text, coalesce(indpred::text, ''), coalesce(indexprs::text, '')
        having count(*) > 1""",
    "0010 views run with their reader's rights": """
        select oid::regclass from pg_class where relkind = 'v' and ours(relnamespace)
          and not coalesce(reloptions @> array['security_invoker=true'], false)""",
    # A body of standard SQL is bound when the function is created, whatever the path is later.
    "0011 functions pin their search_path, or are bound to what they name": """
        select oid::regprocedure from pg_proc where ours(pronamespace) and prosqlbody is null
          and not exists (select from unnest(proconfig) setting where setting in ('search_path=""', 'search_path='))""",
    "0014 no extension in public": """select extname from pg_extension where extnamespace = 'public'::regnamespace""",
    "0015 policies do not believe what users write about themselves": """
        select polrelid::regclass, polname from pg_policy
        where coalesce(pg_get_expr(polqual, polrelid), '') || coalesce(pg_get_expr(polwithcheck, polrelid), '') like '%user_metadata%'""",
    "0016, 0017 no materialized views and foreign tables": """
        select oid::regclass from pg_class where relkind in ('m', 'f') and ours(relnamespace)""",
    "0018 no types that block an upgrade": """
        select attrelid::regclass, attname from pg_attribute
        where attnum > 0 and ours((select relnamespace from pg_class where oid = attrelid))
          and atttypid in ('regproc'::regtype, 'regprocedure'::regtype, 'regoper'::regtype, 'regoperator'::regtype, 'regconfig'::regtype,
                           'regdictionary'::regtype, 'regnamespace'::regtype, 'regcollation'::regtype)""",
    "0019 what pgmq holds is not readable through the API": """
        select oid::regclass from pg_class where relkind in ('r', 'p') and relnamespace = to_regnamespace('pgmq')
          and relname ~ '^[qa]_' and not relrowsecurity""",
    "0021 foreign keys to auth go to a primary key": """
        select conname from pg_constraint c where contype = 'f' and ours(connamespace)
          and (select relnamespace from pg_class where oid = confrelid) = 'auth'::regnamespace
          and not exists (select from pg_index where indexrelid = c.conindid and indisprimary)""",
    "0022 extensions are of the version that is there": """
        select name from pg_available_extensions where installed_version <> default_version""",
    "0023 secrets and costs are not readable through the API": """
        select attrelid::regclass, attname from pg_attribute cross join (values ('anon'), ('authenticated')) who (role)
        where attnum > 0 and ours((select relnamespace from pg_class where oid = attrelid))
          and has_column_privilege(role, attrelid, attnum, 'select')
          and (select relkind from pg_class where oid = attrelid) in ('r', 'p', 'v')
          and attname ~ 'cogs|cost|lease_token|locked_by|last_error|request_hash|micro_usd$'""",
    "0024 policies that write say who": """
        select polrelid::regclass, polname from pg_policy where polcmd <> 'r'
          and (pg_get_expr(polqual, polrelid) = 'true' or pg_get_expr(polwithcheck, polrelid) = 'true')""",
    "0025 buckets are private": """select id from storage.buckets where public""",
    "0028, 0029 functions of others' rights cannot be called through the API": """
        select p.oid::regprocedure, role from pg_proc p cross join (values ('anon'), ('authenticated')) who (role)
        where ours(pronamespace) and has_function_privilege(role, p.oid, 'execute')""",
    "0030 vacuum is on, indexes are valid, and no policy lets in who has no identity": """
        select oid::text from pg_class where ours(relnamespace) and reloptions::text like '%autovacuum_enabled=%'
        union all select indexrelid::text from pg_index where not indisvalid
        union all select polname from pg_policy where pg_get_expr(polqual, polrelid) ilike '%uid()%is null%'""",
    "0031 no replication slot is left": """select slot_name from pg_replication_slots""",
    "functions live in the private schema": """select oid::regprocedure from pg_proc where pronamespace = 'public'::regnamespace""",
    "nobody from outside may make things": """
        select nspname, role from pg_namespace cross join (values ('anon'), ('authenticated'), ('service_role'), ('myjoe_admin')) who (role)
        where nspname in ('public', 'private') and has_schema_privilege(role, oid, 'create')""",
    "the API does not see the private schema": """
        select role from (values ('anon'), ('authenticated')) who (role) where has_schema_privilege(role, 'private', 'usage')""",
    "everything belongs to postgres": """
        select oid::regclass::text from pg_class where ours(relnamespace) and relowner <> 'postgres'::regrole
        union all select oid::regprocedure::text from pg_proc where ours(pronamespace) and proowner <> 'postgres'::regrole""",
}
# Splinter's other lints, and why none of them is a query here.
ELSEWHERE = {
    "0005": "unused indexes: counted by a server that has served; each of ours is there for a question, which its migration names",
    "0012": "anonymous sign-ins: switched off in config.toml (test_nobody_signs_in_without_a_name)",
    "0020": "table bloat: measured on a server that has served; how often jobs are vacuumed is set with their table",
    "0026, 0027": "pg_graphql: it reads what a role may read, which test_personas.py tells; and it is off by default since May 2026",
}
OURS = """create function pg_temp.ours(schema oid) returns boolean language sql as
$$ select schema in ('public'::regnamespace, 'private'::regnamespace) $$"""


@pytest.fixture(scope="module", params=[(version, grants) for version in support.VERSIONS for grants in ("new", "old")], ids=str)
def looking(request: pytest.FixtureRequest, servers: Callable[[int], Server]) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    version, grants = request.param
    server = servers(version)
    name = "template_myjoe"
    if grants == "old":
        name = support.make_template(server, old_grants=True, name="old_grants")
    support.make_database(server, f"looking_{grants}", name)
    with psycopg.connect(server.url(f"looking_{grants}", SUPERUSER), autocommit=True) as connection:
        connection.execute(OURS)
        yield connection


def test_every_lint_of_the_catalogue_has_its_place() -> None:
    named = {int(number) for name in [*LINTS, *ELSEWHERE] for number in re.findall(r"\b00\d\d\b", name)}
    assert named == set(range(1, 32))


def test_nobody_signs_in_without_a_name() -> None:
    config = tomllib.loads((supabase_folder() / "config.toml").read_text())
    assert config["auth"]["enable_anonymous_sign_ins"] is False
    assert config["api"]["schemas"] == ["public"]


@pytest.mark.parametrize("lint", LINTS)
def test_no_lint_fires(looking: psycopg.Connection[tuple[object, ...]], lint: str) -> None:
    assert looking.execute(LINTS[lint].replace(" ours(", " pg_temp.ours(")).fetchall() == []


# Breaches, one for each lint that can be broken by a statement: a check that cannot fail would be
# none.
BREACHES = {
    "0001": "create table public.t (id int primary key, run uuid references public.runs (id))",
    "0002": "create view public.v with (security_invoker = true) as select email from auth.users",
    "0003": "create policy p on public.runs for update to authenticated using (auth.uid() = user_id)",
    "0004": "create table public.t (id int)",
    "0006": "create policy p on public.runs for select to authenticated using ((select auth.uid()) = user_id)",
    "0007": "alter table public.jobs disable row level security",
    "0008": "create table public.t (id int primary key); alter table public.t enable row level security",
    "0009": "create index again on public.jobs (run_id)",
    "0010": "create view public.v as select 1 as one",
    "0011": "create function private.f() returns int language sql as 'select 1'",
    "0014": "create extension vector",
    "0015": "create policy p on public.runs for update to authenticated using ((select auth.jwt()) -> 'user_metadata' is not null)",
    "0016": "create materialized view private.m as select 1 as one",
    "0018": "create table public.t (id regproc primary key)",
    "0019": "create schema pgmq; create table pgmq.q_t (id int primary key)",
    "0021": "create table public.t (id text primary key references auth.users (phone))",
    "0023": "grant select (last_error) on public.jobs to authenticated",
    "0024": "create policy p on public.runs for update to authenticated using (true)",
    "0025": "update storage.buckets set public = true",
    "0028": "grant execute on function private.submit_run(uuid, uuid, text, jsonb) to authenticated",
    "0030": "alter table public.jobs set (autovacuum_enabled = false)",
    "functions": "create function public.f() returns int language sql set search_path = '' as 'select 1'",
    "nobody": "grant create on schema public to authenticated",
    "the API": "grant usage on schema private to authenticated",
    "everything": "alter table public.runs owner to service_role",
}


@pytest.mark.parametrize("number", BREACHES)
def test_each_lint_can_fire(newest: support.Database, number: str) -> None:
    newest.run(OURS)
    newest.run(BREACHES[number])
    lint = next(name for name in LINTS if name.startswith(number))
    assert newest.rows(LINTS[lint].replace(" ours(", " pg_temp.ours(")) != []


def test_old_and_new_grants_give_the_same_rights(servers: Callable[[int], Server]) -> None:
    rights = []
    for old in (False, True):
        name = support.make_template(servers(18), old_grants=old, name="old_rights" if old else "new_rights")
        with psycopg.connect(servers(18).url(name, SUPERUSER)) as connection:
            rights.append(connection.execute("""
                select relname::text as name, (aclexplode(relacl)).grantee::regrole::text as who, (aclexplode(relacl)).privilege_type::text
                from pg_class where relnamespace in ('public'::regnamespace, 'private'::regnamespace)
                union all
                select oid::regprocedure::text, (aclexplode(coalesce(proacl, acldefault('f', proowner)))).grantee::regrole::text, ''
                from pg_proc where pronamespace in ('public'::regnamespace, 'private'::regnamespace) order by 1, 2, 3""").fetchall())
    assert len(rights[0]) > 100
    assert rights[0] == rights[1]
