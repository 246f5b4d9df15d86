//! SNS: makes and deletes topics, settles who may publish, and subscribes and unsubscribes.

use aws_sdk_sns::types::Tag;

use super::execute::{Handle, misplaced};
use super::sns::{attributes, subscribers};
use super::{Clients, Reread, ServiceError};
use crate::approval::Approval;
use crate::change::{Document, Operation};
use crate::model::{PolicyText, Region, TopicArn};

const POLICY: &str = "Policy";

/// Reads the target of an operation on topics again.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other operations are not of this service")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    use Operation as Op;
    match operation {
        Op::CreateTopic { region, topic, .. }
        | Op::DeleteTopic { region, topic }
        | Op::SetTopicPolicy { region, topic, .. } => {
            let found = attributes(clients, region, &arn(clients, region, topic)).await?;
            // SNS gives every topic a policy.
            let none = || PolicyText::of(&[]);
            let policy = found.map(|found| found.policy.unwrap_or_else(none));
            Ok(Reread::of(Document::Policy(policy)))
        }
        Op::Subscribe { region, topic, protocol, endpoint }
        | Op::Unsubscribe { region, topic, protocol, endpoint } => {
            let listed = subscribers(clients, region, &arn(clients, region, topic)).await?;
            let mut document = Document::Presence(false);
            let mut handle = Handle::None;
            for one in listed.into_iter().flatten() {
                if one.protocol == *protocol && one.endpoint == *endpoint {
                    document = Document::Presence(true);
                    handle = one.arn.map_or(handle, Handle::Id);
                }
            }
            Ok(Reread { document, handle })
        }
        other => Err(misplaced(other)),
    }
}

fn arn(clients: &Clients, region: &Region, topic: &str) -> TopicArn {
    TopicArn::new(clients.arn("sns", region, topic))
}

/// Carries out an operation on topics.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other operations are not of this service")]
pub(super) async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    _: &Approval,
) -> Result<(), ServiceError> {
    use Operation as Op;
    match operation {
        Op::CreateTopic { region, topic, policy, tags } => {
            let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
            let tags: Result<Vec<Tag>, _> = tags.collect();
            let tags =
                tags.map_err(|error| ServiceError::ours(operation.action(), error.to_string()))?;
            let call = clients.sns(region);
            let call = call.call("sns:CreateTopic", |sns| {
                let create = sns.create_topic().name(topic).attributes(POLICY, policy.as_str());
                create.set_tags((!tags.is_empty()).then_some(tags)).send()
            });
            call.await.map(drop)
        }
        Op::DeleteTopic { region, topic } => {
            let topic = arn(clients, region, topic);
            let call = clients.sns(region);
            let call = call
                .call("sns:DeleteTopic", |sns| sns.delete_topic().topic_arn(topic.as_str()).send());
            call.await.map(drop)
        }
        Op::SetTopicPolicy { region, topic, policy } => {
            let topic = arn(clients, region, topic);
            let call = clients.sns(region);
            let call = call.call("sns:SetTopicAttributes", |sns| {
                let set = sns.set_topic_attributes().topic_arn(topic.as_str());
                set.attribute_name(POLICY).attribute_value(policy.as_str()).send()
            });
            call.await.map(drop)
        }
        Op::Subscribe { region, topic, protocol, endpoint } => {
            let topic = arn(clients, region, topic);
            let call = clients.sns(region);
            let call = call.call("sns:Subscribe", |sns| {
                let subscribe = sns.subscribe().topic_arn(topic.as_str()).protocol(protocol);
                subscribe.endpoint(endpoint).return_subscription_arn(true).send()
            });
            call.await.map(drop)
        }
        Op::Unsubscribe { region, .. } => {
            let Handle::Id(subscription) = &now.handle else {
                return Err(ServiceError::ours(operation.action(), PENDING));
            };
            let call = clients.sns(region);
            let call = call.call("sns:Unsubscribe", |sns| {
                sns.unsubscribe().subscription_arn(subscription).send()
            });
            call.await.map(drop)
        }
        other => Err(misplaced(other)),
    }
}

const PENDING: &str = "nobody has confirmed the subscription yet, and SNS removes none before that: it \
                       goes by itself after three days";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{Fake, fake, iam_error};
    use crate::change::Tags;

    const ARN: &str = "arn:aws:sns:eu-west-1:111122223333:alarms";
    /// The same, as it is sent.
    const SENT: &str = "arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3Aalarms";

    fn named() -> (Region, String) {
        (Region::new("eu-west-1"), "alarms".to_owned())
    }

    fn create(tags: Tags) -> Operation {
        let (region, topic) = named();
        Operation::CreateTopic { region, topic, policy: PolicyText::of(&[]), tags }
    }

    fn set() -> Operation {
        let (region, topic) = named();
        Operation::SetTopicPolicy { region, topic, policy: PolicyText::of(&[]) }
    }

    fn subscribe() -> Operation {
        let ((region, topic), protocol) = (named(), "email".to_owned());
        Operation::Subscribe { region, topic, protocol, endpoint: "a@acme.dev".to_owned() }
    }

    fn unsubscribe() -> Operation {
        let ((region, topic), protocol) = (named(), "email".to_owned());
        Operation::Unsubscribe { region, topic, protocol, endpoint: "a@acme.dev".to_owned() }
    }

    fn ok(request: &str) -> (u16, String) {
        let (_, asked) = request.split_once("Action=").unwrap();
        let name = asked.split('&').next().unwrap();
        (200, format!("<{name}Response><{name}Result></{name}Result></{name}Response>"))
    }

    async fn run(fake: &Fake, operation: &Operation, handle: Handle) -> Result<(), ServiceError> {
        let now = Reread { document: Document::Presence(true), handle };
        execute(operation, &now, &fake.clients, &Approval::for_test()).await
    }

    /// What is sent to carry out an operation: the fields, each for itself.
    async fn sent(operation: &Operation, handle: Handle) -> Vec<String> {
        let fake = fake(ok);
        run(&fake, operation, handle).await.unwrap();
        let requests = fake.requests("");
        assert_eq!(requests.len(), 1);
        let (_, body) = requests[0].split_once("\r\n\r\n").unwrap();
        body.split('&').map(str::to_owned).filter(|field| !field.starts_with("Version=")).collect()
    }

    #[tokio::test]
    async fn each_call_says_what_it_is_about() {
        let topic = format!("TopicArn={SENT}");
        let policy = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        let tags = Tags::from([("harden:version".to_owned(), "1".to_owned())]);
        let made = sent(&create(tags), Handle::None).await;
        let expected = [
            "Action=CreateTopic",
            "Name=alarms",
            "Attributes.entry.1.key=Policy",
            &format!("Attributes.entry.1.value={policy}"),
            "Tags.member.1.Key=harden%3Aversion",
            "Tags.member.1.Value=1",
        ];
        assert_eq!(made, expected);
        let plain = sent(&create(Tags::new()), Handle::None).await;
        assert!(!plain.iter().any(|field| field.starts_with("Tags")), "{plain:?}");

        let value = format!("AttributeValue={policy}");
        let expected = ["Action=SetTopicAttributes", &topic, "AttributeName=Policy", &value];
        assert_eq!(sent(&set(), Handle::None).await, expected);

        let (region, name) = named();
        let delete = Operation::DeleteTopic { region, topic: name };
        assert_eq!(sent(&delete, Handle::None).await, ["Action=DeleteTopic", &topic]);

        let expected = [
            "Action=Subscribe",
            &topic,
            "Protocol=email",
            "Endpoint=a%40acme.dev",
            "ReturnSubscriptionArn=true",
        ];
        assert_eq!(sent(&subscribe(), Handle::None).await, expected);

        let expected = ["Action=Unsubscribe", &format!("SubscriptionArn={SENT}%3A1")];
        assert_eq!(sent(&unsubscribe(), Handle::Id(format!("{ARN}:1"))).await, expected);
    }

    #[tokio::test]
    async fn nobody_can_unsubscribe_who_has_not_confirmed() {
        let fake = fake(ok);
        let error = run(&fake, &unsubscribe(), Handle::None).await.unwrap_err();
        assert!(error.to_string().starts_with("nobody has confirmed the subscription"), "{error}");
        assert_eq!(fake.requests("").len(), 0);
    }

    #[tokio::test]
    async fn a_policy_is_read_again_as_it_was_meant() {
        let there = fake(|_| {
            let policy = "{ \"Statement\" : [], \"Version\" : \"2012-10-17\" }";
            let entry = format!("<entry><key>Policy</key><value>{policy}</value></entry>");
            let told = format!("<Attributes>{entry}</Attributes>");
            let result = format!("<GetTopicAttributesResult>{told}</GetTopicAttributesResult>");
            (200, format!("<GetTopicAttributesResponse>{result}</GetTopicAttributesResponse>"))
        });
        let now = reread(&create(Tags::new()), &there.clients).await.unwrap();
        let (after, _) = create(Tags::new()).effect_on(&Document::Policy(None)).unwrap();
        assert_eq!(now, Reread::of(after));
        let absent = fake(|_| iam_error(404, "NotFound", "Topic does not exist"));
        for operation in [create(Tags::new()), set()] {
            let now = reread(&operation, &absent.clients).await.unwrap();
            assert_eq!(now.document, Document::Policy(None));
        }
        let now = reread(&subscribe(), &absent.clients).await.unwrap();
        assert_eq!(now, Reread::of(Document::Presence(false)));
    }

    /// A topic with one subscription of this ARN.
    fn with(arn: &'static str) -> Fake {
        fake(move |_| {
            let one = |endpoint: &str, arn: &str| {
                format!(
                    "<member><Protocol>email</Protocol><Endpoint>{endpoint}</Endpoint>\
                     <Owner>111122223333</Owner><SubscriptionArn>{arn}</SubscriptionArn></member>"
                )
            };
            let list = one("a@acme.dev", arn) + &one("b@acme.dev", "arn:of-somebody-else");
            let list = format!("<Subscriptions>{list}</Subscriptions>");
            let name = "ListSubscriptionsByTopic";
            (200, format!("<{name}Response><{name}Result>{list}</{name}Result></{name}Response>"))
        })
    }

    #[tokio::test]
    async fn a_subscription_is_found_by_whom_it_tells() {
        let confirmed = reread(&unsubscribe(), &with("arn:1").clients).await.unwrap();
        let there = Document::Presence(true);
        let handle = Handle::Id("arn:1".to_owned());
        assert_eq!(confirmed, Reread { document: there.clone(), handle });
        let pending = reread(&subscribe(), &with("PendingConfirmation").clients).await.unwrap();
        assert_eq!(pending, Reread::of(there));
        let gone = reread(&subscribe(), &with("Deleted").clients).await.unwrap();
        assert_eq!(gone, Reread::of(Document::Presence(false)));
    }

    #[tokio::test]
    async fn a_refusal_is_told() {
        let fake = fake(|_| iam_error(403, "AuthorizationError", "not authorized"));
        let error = run(&fake, &subscribe(), Handle::None).await.unwrap_err();
        assert_eq!((error.kind, error.action.as_str()), (ErrorKind::Denied, "sns:Subscribe"));
        let error = reread(&subscribe(), &fake.clients).await.unwrap_err();
        assert_eq!(error.action.as_str(), "sns:ListSubscriptionsByTopic");
    }
}
