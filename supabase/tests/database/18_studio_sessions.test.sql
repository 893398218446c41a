-- Sessions: the service keeps them and nobody else sees them; a session makes a transaction its
-- user's, runs out, and lets one caller at a time refresh its tokens.
begin;
\ir personas.psql
select plan(38);

create function extensions.token(word text) returns bytea language sql immutable as $$ select sha256(convert_to(word, 'UTF8')) $$;
grant execute on function extensions.token(text) to anon, authenticated, service_role, myjoe_admin, postgres;

select act_as('visitor');
select throws_ok('select * from private.studio_sessions', '42501', null, 'a visitor sees no sessions');
select throws_ok($$select private.enter_session(token('a'))$$, '42501', null, 'and enters none by hand');

select act_as('user A');
select throws_ok('select * from private.studio_sessions', '42501', null, 'a user sees none, not even their own');
select throws_ok('select private.standing(user_a())', '42501', null, 'and asks for no standing');

select act_as('admin');
select throws_ok('select * from private.studio_sessions', '42501', null, 'an admin sees none either');
select throws_ok($$select private.session_tokens(token('a'))$$, '42501', null, 'and gets no tokens');

select act_as('service');
select throws_ok('select * from private.studio_sessions', '42501', null, 'the service sees them by functions alone');
select lives_ok($$select private.open_session(token('a'), user_a(), 'sealed', private.clock() + interval '1 hour', 'a browser')$$,
                'it begins a session');
select throws_ok($$select private.open_session(token('a'), user_b(), 'sealed', private.clock(), '')$$, '23505', null,
                 'whose token nobody is given twice');
select throws_ok($$select private.open_session('short', user_a(), 'sealed', private.clock(), '')$$, '23514', null,
                 'and is kept as a hash or not at all');
select lives_ok($$select private.enter_session(token('a'))$$, 'the session is entered');
select is(auth.uid(), user_a(), 'and the transaction is its user''s');
select is(current_setting('myjoe.person')::jsonb ->> 'email', 'a@example.com', 'of whom the page knows what it needs');
select is(current_setting('myjoe.person')::jsonb -> 'admin', 'false'::jsonb, 'also that they are no admin');
select lives_ok($$select private.enter_session(token('other'))$$, 'a token that there is not enters nothing');
select is(auth.uid(), null, 'and leaves nobody');
select is(current_setting('myjoe.person'), '', 'of whom nothing is known');

select is(private.session_tokens(token('other')), null, 'no session, no tokens');
select is(private.session_tokens(token('a')) - 'sealed', '{"mine": false, "stale": false}', 'fresh tokens are nobody''s to refresh');
select act_as('owner');
update private.studio_sessions set access_until = private.clock() + interval '59 seconds';
select act_as('service');
select is(private.session_tokens(token('a')) - 'sealed', '{"mine": true, "stale": true}', 'what runs out is refreshed by who asks first');
select is(private.session_tokens(token('a')) - 'sealed', '{"mine": false, "stale": true}', 'and by nobody else meanwhile');
select act_as('owner');
update private.studio_sessions set refreshing_until = private.clock() - interval '1 second';
select act_as('service');
select is(private.session_tokens(token('a')) - 'sealed', '{"mine": true, "stale": true}', 'unless that one did not come back');
select ok(private.renew_session(token('a'), 'fresh', private.clock() + interval '1 hour'), 'the new ones are kept');
select is(private.session_tokens(token('a')), jsonb_build_object('sealed', encode('fresh', 'base64'), 'mine', false, 'stale', false),
          'for all');
select ok(not private.renew_session(token('other'), 'fresh', private.clock()), 'and none for a session that ended');

select act_as('owner');
update auth.users set banned_until = private.clock() + interval '1 hour' where id = user_a();
select act_as('service');
select lives_ok($$select private.enter_session(token('a'))$$, 'a session of somebody who was banned');
select is(auth.uid(), null, 'is nobody''s');
select act_as('owner');
update auth.users set banned_until = null where id = user_a();
update private.studio_sessions set seen_at = private.clock() - private.session_idle_max() - interval '1 second';
select act_as('service');
select lives_ok($$select private.enter_session(token('a'))$$, 'nor one that nobody came back to');
select is(auth.uid(), null, 'in a month');
select act_as('owner');
update private.studio_sessions set seen_at = private.clock(), created_at = private.clock() - private.session_age_max();
select act_as('service');
select lives_ok($$select private.enter_session(token('a'))$$, 'nor one that has lasted');
select is(auth.uid(), null, 'half a year');

select lives_ok($$select private.open_session(token('b'), user_a(), 's', private.clock(), ''),
                         private.open_session(token('c'), user_a(), 's', private.clock(), ''),
                         private.open_session(token('d'), user_b(), 's', private.clock(), '')$$, 'more sessions');
select is(private.end_sessions(user_b(), only_hash => token('b')), 0, 'nobody ends somebody else''s');
select is(private.end_sessions(user_a(), only_hash => token('b')), 1, 'one ends alone');
select is(private.end_sessions(user_a(), but_hash => token('c')), 1, 'all but one end');
select isnt(private.session_tokens(token('c')), null, 'that one goes on');
select is(private.end_sessions(user_a()), 1, 'and all end');
select isnt(private.session_tokens(token('d')), null, 'but those of others');

select * from finish();
rollback;
